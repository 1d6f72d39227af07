"""OIDC_PROVIDERS as operators write it: every mistake is found when the shop starts."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from ecommerce.openid_providers import plain
from ecommerce.settings import Environment
from modules.users.logic.openid.providers import Provider

ENTRY: dict[str, Any] = {
    "id": "home",
    "title": "Home",
    "issuer": "https://login.example/tenant",
    "client_id": "shop",
    "client_secret": "s3cret-of-the-shop",
    "redirect_uris": ["https://shop.example/signed-in", "com.example.shop:/signed-in"],
}


def environment(monkeypatch: pytest.MonkeyPatch, *entries: dict[str, Any], debug: str = "off") -> Environment:
    for name in ("SECRET_KEY", "INTERNAL_KEYS", "JWT_KEY_ENCRYPTION_KEY", "SANDBOX_WEBHOOK_SECRET"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("DEBUG", debug)
    monkeypatch.setenv("OIDC_PROVIDERS", json.dumps(entries))
    return Environment()


def test_an_entry_becomes_a_provider(monkeypatch):
    (entry,) = environment(monkeypatch, ENTRY).oidc_providers
    assert Provider(**plain(entry)) == Provider(
        id="home",
        title="Home",
        issuer="https://login.example/tenant",
        client_id="shop",
        client_secret="s3cret-of-the-shop",
        redirect_uris=("https://shop.example/signed-in", "com.example.shop:/signed-in"),
        scopes=("openid", "email", "profile"),
        trusts_email=True,
    )


def test_none_is_the_default(monkeypatch):
    assert environment(monkeypatch).oidc_providers == []


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "Home page"},
        {"id": ""},
        {"title": ""},
        {"issuer": "http://login.example"},
        {"issuer": "login.example"},
        {"issuer": "https://login.example?tenant=1"},
        {"issuer": "https://me:pass@login.example"},
        {"client_secret": ""},
        {"client_id": "with\nline"},
        {"redirect_uris": []},
        {"redirect_uris": ["/signed-in"]},
        {"redirect_uris": ["https://shop.example/#signed-in"]},
        {"scopes": ["email"]},
        {"trust_email": True},
    ],
)
def test_a_mistake_stops_the_shop_and_shows_no_secret(monkeypatch, changes):
    with pytest.raises(ValidationError) as refusal:
        environment(monkeypatch, ENTRY | changes)
    assert "s3cret" not in str(refusal.value)


def test_two_of_one_id_stop_the_shop(monkeypatch):
    with pytest.raises(ValidationError):
        environment(monkeypatch, ENTRY, ENTRY | {"issuer": "https://other.example"})


def test_http_is_for_development(monkeypatch):
    entry = ENTRY | {"issuer": "http://127.0.0.1:9000"}
    assert environment(monkeypatch, entry, debug="on").oidc_providers[0].issuer == entry["issuer"]
