"""The conversation with a provider that makes mistakes, or is not who it says."""

import gzip
import json
import time

import pytest
from joserfc.jwk import OctKey

from ecommerce.kernel.db import CalledInTransaction, atomic
from ecommerce.kernel.errors import Unavailable
from modules.users.logic import diagnoses
from modules.users.logic.openid import client, connection, flows, published, remembered
from modules.users.logic.openid.claims import Person
from modules.users.logic.openid.client import InvalidIdentity
from modules.users.logic.openid.providers import Provider
from modules.users.models import User
from modules.users.tests.conftest import NOON
from modules.users.tests.issuer import ADA, FIRST_KEY, REDIRECT_URI, SECOND_KEY, Issuer, new_key

DISCOVERY = "/.well-known/openid-configuration"
EVIL = "https://evil.example"


def identify(issuer: Issuer) -> Person:
    """From the first click to the person."""
    started = flows.start(provider="home", redirect_uri=REDIRECT_URI)
    back = issuer.browse(started.authorization_url)
    return flows.finish(provider="home", binding=started.binding, **back)


def test_a_person_is_recognised_with_what_the_provider_tells(issuer):
    assert identify(issuer) == Person(
        provider="home",
        issuer=issuer.url,
        subject="ada-1815",
        email="ada@example.com",
        vouched=True,
        first_name="Ada",
        last_name="Lovelace",
        language="de",
        multi_factor=False,
    )


@pytest.mark.parametrize(
    ("claims", "what"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another-shop"}, "aud"),
        ({"aud": ["another-shop"]}, "aud"),
        ({"aud": ["shop", "another-shop"]}, "azp"),
        ({"aud": ["shop", "another-shop"], "azp": "another-shop"}, "azp"),
        ({"azp": "another-shop"}, "azp"),
        ({"aud": None}, "aud"),
        ({"iss": EVIL}, "iss"),
        ({"iss": None}, "iss"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 1815}, "sub"),
        ({"sub": "a" * 256}, "subject"),
        ({"sub": "ada\0"}, "subject"),
        ({"sub": "ädä"}, "subject"),
        ({"exp": 1_000_000_000}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"iat": 10_000_000_000}, "issued in the future"),
        ({"iat": None}, "iat"),
        ({"nbf": 10_000_000_000}, "not yet valid"),
        ({"at_hash": "of-another-token"}, "at_hash"),
        ({"amr": "mfa"}, "amr"),
    ],
)
def test_an_id_token_that_is_not_the_answer_to_our_question_is_refused(issuer, caplog, claims, what):
    issuer.claims = claims
    with pytest.raises(InvalidIdentity) as refusal:
        identify(issuer)
    assert refusal.value.details == {}
    assert what in caplog.text


@pytest.mark.parametrize(
    ("header", "signed_by"),
    [
        ({"alg": "none"}, None),
        ({"alg": "HS256"}, None),
        ({}, new_key("first")),
        ({"kid": "unknown"}, None),
    ],
    ids=["alg none", "alg HS256 with the public key", "another key of that name", "unknown kid"],
)
def test_a_signature_that_is_not_the_providers_is_refused(issuer, header, signed_by):
    issuer.header, issuer.signed_by = header, signed_by
    with pytest.raises(InvalidIdentity):
        identify(issuer)


def test_a_secret_that_the_provider_publishes_signs_nothing(issuer):
    secret = OctKey.import_key("a secret that everybody can read", {"kid": "shared", "alg": "HS256"})
    issuer.published.append(secret.as_dict(private=True))
    issuer.header, issuer.signed_by = {"kid": "shared", "alg": "HS256"}, secret
    with pytest.raises(InvalidIdentity):
        identify(issuer)


def test_a_token_without_a_key_id_is_read_with_the_only_key_and_with_none_of_several(issuer):
    issuer.header = {"kid": None}
    assert identify(issuer).subject == "ada-1815"
    issuer.published.append(SECOND_KEY.as_dict(private=False))
    published.forget()
    with pytest.raises(InvalidIdentity):
        identify(issuer)


def test_we_may_be_one_of_several_audiences_if_we_are_the_party(issuer):
    issuer.claims = {"aud": ["another-shop", "shop"], "azp": "shop"}
    assert identify(issuer).subject == "ada-1815"


def test_clocks_may_be_a_minute_apart(issuer, clock):
    now = int(NOON.timestamp())
    issuer.claims = {"iat": now + 59, "exp": now - 59}
    assert identify(issuer).subject == "ada-1815"
    issuer.claims = {"exp": now - 60}
    with pytest.raises(InvalidIdentity):
        identify(issuer)


def test_a_rotated_key_is_fetched_at_once_and_an_unknown_one_not_again_within_a_minute(issuer, monkeypatch):
    identify(issuer)
    issuer.rotate()
    assert identify(issuer).subject == "ada-1815"
    assert issuer.times("/jwks") == 2
    issuer.header = {"kid": "unknown"}
    for _ in range(3):
        with pytest.raises(InvalidIdentity):
            identify(issuer)
    assert issuer.times("/jwks") == 2
    monkeypatch.setattr(remembered, "REFETCH_SECONDS", 0)
    with pytest.raises(InvalidIdentity):
        identify(issuer)
    assert issuer.times("/jwks") == 3


def test_addresses_and_keys_are_fetched_once_and_kept_while_the_provider_does_not_publish_them(issuer, monkeypatch):
    for _ in range(3):
        identify(issuer)
    assert (issuer.times(DISCOVERY), issuer.times("/jwks"), issuer.times("/userinfo")) == (1, 1, 0)
    issuer.instead = {DISCOVERY: (500, {}, b""), "/jwks": (500, {}, b"")}
    monkeypatch.setattr(remembered, "MAX_AGE_SECONDS", -1)
    assert identify(issuer).subject == "ada-1815"
    assert issuer.times(DISCOVERY) > 1


def test_keys_of_unknown_kinds_are_passed_over(issuer):
    issuer.published[:0] = [
        {"kty": "LATTICE", "kid": "new"},
        {"kty": "OKP", "crv": "X9", "x": "AA", "kid": "odd"},
        {"kty": "RSA", "kid": "broken"},
        {},
    ]
    assert identify(issuer).subject == "ada-1815"


def test_a_key_for_encryption_signs_nothing(issuer):
    issuer.published[:] = [FIRST_KEY.as_dict(private=False) | {"use": "enc"}]
    with pytest.raises(InvalidIdentity):
        identify(issuer)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": EVIL},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": 7},
        {"token_endpoint": "file:///etc/passwd"},
        {"userinfo_endpoint": "ftp://evil.example"},
    ],
)
def test_a_discovery_document_that_is_not_the_issuers_is_not_used(issuer, metadata):
    issuer.metadata = metadata
    with pytest.raises(Unavailable) as refusal:
        identify(issuer)
    assert refusal.value.details == {"dependency": "home"}


def test_an_issuer_with_https_names_no_address_without(issuer, monkeypatch):
    provider = Provider(**issuer.provider(issuer="https://login.example"))
    document = published.Metadata(
        issuer="https://login.example",
        authorization_endpoint="https://login.example/authorize",
        token_endpoint="http://login.example/token",
        jwks_uri="https://login.example/jwks",
    )
    monkeypatch.setattr(connection, "get", lambda *_: document)
    with pytest.raises(Unavailable):
        published.metadata_of(provider)


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token", "/userinfo"])
@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b""),
        (429, {"Retry-After": "9"}, b"{}"),
        (302, {"Location": "/elsewhere"}, b""),
        (200, {}, b"<html>"),
        (200, {}, b"[]"),
        (200, {}, b'{"keys": ' + b" " * 300_000 + b"[]}"),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * 1_000_000)),
        (200, {"Content-Encoding": "gzip"}, b"not gzip"),
        (200, {}, b"\xff"),
        (200, {}, b'{"keys": ' + b"[" * 100_000),
    ],
    ids=["500", "429", "redirect", "html", "a list", "too long", "a bomb", "no gzip", "no utf-8", "too deep"],
)
def test_an_answer_that_is_none_is_unavailable(issuer, path, answer):
    issuer.profile_apart = True
    issuer.instead[path] = answer
    with pytest.raises(Unavailable) as refusal:
        identify(issuer)
    assert refusal.value.details == {"dependency": "home"}
    assert issuer.times("/elsewhere") == 0


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token", "/userinfo"])
def test_a_provider_that_hangs_is_unavailable_before_long(issuer, path, monkeypatch):
    monkeypatch.setattr(connection, "TIMEOUT", (0.2, 0.2))
    issuer.profile_apart = True
    issuer.hanging.add(path)
    with pytest.raises(Unavailable):
        identify(issuer)


def test_a_provider_that_never_comes_to_an_end_is_unavailable_before_long(issuer, monkeypatch):
    monkeypatch.setattr(connection, "BODY_SECONDS", 0.2)
    issuer.dripping.add("/token")
    began = time.monotonic()
    with pytest.raises(Unavailable):
        identify(issuer)
    assert time.monotonic() - began < 3


def test_a_provider_that_is_not_there_is_unavailable(issuer, settings):
    settings.OIDC_PROVIDERS = [issuer.provider(issuer="http://127.0.0.1:1")]
    with pytest.raises(Unavailable):
        flows.start(provider="home", redirect_uri=REDIRECT_URI)


def test_a_provider_that_fails_again_and_again_is_left_alone_for_a_while(issuer):
    issuer.instead[DISCOVERY] = (500, {}, b"")
    for _ in range(8):
        with pytest.raises(Unavailable):
            flows.start(provider="home", redirect_uri=REDIRECT_URI)
    assert issuer.times(DISCOVERY) == 5


def test_refused_codes_are_no_failures_of_the_provider(issuer):
    for _ in range(8):
        started = flows.start(provider="home", redirect_uri=REDIRECT_URI)
        with pytest.raises(InvalidIdentity):
            flows.finish(provider="home", code="guessed", state=started.state, binding=started.binding)
    assert identify(issuer).subject == "ada-1815"


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ({"error": "invalid_grant"}, InvalidIdentity),
        ({"error": "invalid_client"}, InvalidIdentity),
        ({"error": "temporarily_unavailable"}, Unavailable),
        ({"error": "server_error"}, Unavailable),
        ({}, InvalidIdentity),
        ({"access_token": "a", "token_type": "Bearer"}, InvalidIdentity),
        ({"id_token": None}, InvalidIdentity),
        ({"id_token": "a.b.c"}, InvalidIdentity),
        ({"id_token": ["a"]}, InvalidIdentity),
        ({"id_token": "a.b.c", "expires_in": "soon"}, Unavailable),
        ({"id_token": "a.b.c", "expires_in": {}}, InvalidIdentity),
        ({"id_token": "a.b.c", "expires_in": [1]}, Unavailable),
    ],
)
def test_what_the_token_endpoint_says_is_told_apart(issuer, answer, refusal):
    issuer.instead["/token"] = (200, {"Content-Type": "application/json"}, json.dumps(answer).encode())
    with pytest.raises(refusal):
        identify(issuer)


def test_a_code_serves_once_and_only_with_the_verifier_of_its_question(issuer):
    started = flows.start(provider="home", redirect_uri=REDIRECT_URI)
    another = flows.start(provider="home", redirect_uri=REDIRECT_URI)
    code = issuer.browse(started.authorization_url)["code"]
    with pytest.raises(InvalidIdentity):
        flows.finish(provider="home", code=code, state=another.state, binding=another.binding)
    assert issuer.times("/token") == 1
    with pytest.raises(InvalidIdentity):
        flows.finish(provider="home", code=code, state=started.state, binding=started.binding)


@pytest.mark.parametrize(
    ("methods", "used"),
    [
        (None, "basic"),
        (["client_secret_post"], "post"),
        (["client_secret_post", "client_secret_basic"], "basic"),
        (["private_key_jwt"], "basic"),
    ],
)
def test_we_prove_who_we_are_as_the_provider_takes_it(issuer, methods, used):
    if methods:
        issuer.metadata = {"token_endpoint_auth_methods_supported": methods}
    assert identify(issuer).subject == "ada-1815"
    assert issuer.authentications == [used]


def test_a_profile_apart_is_fetched_and_must_be_the_same_persons(issuer):
    issuer.profile_apart = True
    person = identify(issuer)
    assert (person.email, person.vouched, person.first_name) == (ADA["email"], True, "Ada")
    issuer.userinfo = {"sub": "eve"}
    with pytest.raises(InvalidIdentity):
        identify(issuer)


def test_a_provider_that_asked_for_a_second_factor_says_so(issuer):
    issuer.claims = {"amr": ["pwd", "mfa", "otp"]}
    assert identify(issuer).multi_factor is True
    issuer.claims = {"amr": ["pwd", 7]}
    assert identify(issuer).multi_factor is False


@pytest.mark.django_db
def test_no_provider_is_asked_inside_a_transaction(issuer):
    for ask in (lambda: flows.start(provider="home", redirect_uri=REDIRECT_URI), lambda: identify(issuer)):
        with atomic(User), pytest.raises(CalledInTransaction):
            ask()
    assert issuer.asked == []


def test_a_secret_is_in_no_representation(issuer):
    provider = Provider(**issuer.provider())
    question = client.Question(redirect_uri=REDIRECT_URI, nonce="n0nce", verifier="v3rifier")
    assert provider.client_secret not in repr(provider)
    assert "n0nce" not in repr(question)
    assert "v3rifier" not in repr(question)


def test_the_doctor_names_the_providers_that_do_not_answer(issuer, settings):
    assert diagnoses.identity_providers_answer() is None
    settings.OIDC_PROVIDERS += [issuer.provider(id="gone", issuer="http://127.0.0.1:1")]
    assert (diagnoses.identity_providers_answer() or "").startswith("gone: no sign-in there")
