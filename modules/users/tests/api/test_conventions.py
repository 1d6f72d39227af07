"""What api.md promises of every endpoint, asked of each of users'."""

import json
import re
from typing import Any, cast

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.ids import new_id
from modules.users.api.urls import urlpatterns
from modules.users.models import Export, LinkRequest, Role, User
from modules.users.tests.factories import StaffFactory
from modules.users.tests.rights import client_of

NOBODYS = "01a20846-fe00-7c76-9cbe-edfd8f4ab392"
ANYONES = {
    ("get", "jwks/"),
    ("get", "oidc/"),
    ("post", "register/"),
    ("post", "email/verify/"),
    ("post", "email/verify/resend/"),
    ("post", "password/reset/"),
    ("post", "password/reset/confirm/"),
    ("post", "token/"),
    ("post", "token/refresh/"),
    ("post", "token/revoke/"),
    ("post", "oidc/home/start/"),
    ("post", "oidc/home/finish/"),
    ("post", "api-keys/token/"),
}
THEIR_OWN = {
    ("post", "password/change/"),
    ("get", "me/"),
    ("patch", "me/"),
    ("delete", "me/"),
    ("get", "me/addresses/"),
    ("post", "me/addresses/"),
    ("get", f"me/addresses/{NOBODYS}/"),
    ("patch", f"me/addresses/{NOBODYS}/"),
    ("delete", f"me/addresses/{NOBODYS}/"),
    ("get", "me/second-factor/"),
    ("post", "me/second-factor/"),
    ("delete", "me/second-factor/"),
    ("post", "me/second-factor/confirm/"),
    ("post", "me/second-factor/recovery-codes/"),
    ("get", "me/sessions/"),
    ("delete", f"me/sessions/{NOBODYS}/"),
    ("post", "me/exports/"),
    ("get", f"me/exports/{NOBODYS}/"),
    ("get", "me/identities/"),
    ("post", "me/identities/"),
    ("delete", f"me/identities/{NOBODYS}/"),
}
STAFFS = {
    ("get", ""),
    ("get", f"{NOBODYS}/"),
    ("put", f"{NOBODYS}/roles/"),
    ("post", f"{NOBODYS}/impersonate/"),
    ("get", "roles/"),
    ("post", "roles/"),
    ("get", f"roles/{NOBODYS}/"),
    ("patch", f"roles/{NOBODYS}/"),
    ("delete", f"roles/{NOBODYS}/"),
    ("get", "api-keys/"),
    ("post", "api-keys/"),
    ("delete", f"api-keys/{NOBODYS}/"),
}
ALL = sorted(ANYONES | THEIR_OWN | STAFFS)
READ_A_BODY = {("delete", "me/"), ("delete", "me/second-factor/")}
WITH_BODY = [one for one in ALL if one[0] in ("post", "put", "patch") or one in READ_A_BODY]
UNREADABLE = [
    b"{",
    b'{"email": "\\u0000"}',
    b'{"email": "\x00"}',
    b'{"email": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"email": "\xff"}',
    b'{"email": 1e999}',
    b'{"email": NaN}',
    b'{"email": 99999999999999999999}',
    b'{"email": 1, "email": 2}',
    b'{"email": ' + b"[" * 65 + b"]" * 65 + b"}",
]


@pytest.fixture
def owner(client, network, db) -> APIClient:
    """Who may call everything."""
    return client_of(StaffFactory.create(), network)


def call(client: Any, operation: tuple[str, str], raw: bytes = b"", headers: dict[str, str] | None = None) -> Any:
    method, path = operation
    return client.generic(method.upper(), f"/api/v1/users/{path}", raw, "application/json", headers=headers)


def kept() -> list[int]:
    return [model._default_manager.count() for model in (User, Role, Export, LinkRequest)]


def refused(answer: Any, status: int, code: str) -> bool:
    """Whether it is that problem, with everything that a problem has."""
    body = answer.json()
    assert (answer.status_code, body["code"], answer["Content-Type"]) == (status, code, "application/problem+json")
    assert body["type"] == f"urn:problem-type:shop:{code}"
    assert (body["status"], body["request_id"]) == (status, answer["X-Request-ID"])
    assert "?" not in body["instance"]
    assert {"title", "detail"} <= set(body)
    assert answer["Cache-Control"] == "no-store"
    return True


def test_every_endpoint_of_users_is_asked():
    def concrete(route: str) -> str:
        path = route.removeprefix("users/").replace("<str:provider>", "home")
        return re.sub(r"<uuid:\w+>", NOBODYS, path)

    served = {
        (method, concrete(str(one.pattern)))
        for one in urlpatterns
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(cast(Any, one.callback).cls, method)
    }
    assert served == set(ALL)


@pytest.mark.parametrize("operation", WITH_BODY, ids=" ".join)
def test_a_body_that_cannot_be_read_is_400_and_nothing_is_written(owner, operation):
    before = kept()
    for raw in UNREADABLE:
        assert refused(call(owner, operation, raw), 400, "invalid_json")
    for raw in (b"[]", b'"x"', b"null", b"7", b"true"):
        assert refused(call(owner, operation, raw), 400, "invalid")
    assert kept() == before


@pytest.mark.parametrize("operation", WITH_BODY, ids=" ".join)
def test_a_field_that_there_is_not_is_named_whatever_it_holds(owner, operation):
    before = kept()
    for value in (1, None, "x" * 100_000, {"nested": [{"deep": True}]}):
        answer = call(owner, operation, json.dumps({"colour": value, "is_superuser": True}).encode())
        assert refused(answer, 400, "unknown_field")
        errors = {(error["field"], error["code"]) for error in answer.json()["errors"]}
        assert {("colour", "unknown_field"), ("is_superuser", "unknown_field")} <= errors
    assert kept() == before


@pytest.mark.parametrize("operation", WITH_BODY, ids=" ".join)
def test_a_body_of_another_type_is_415_and_one_too_large_413(owner, operation):
    url = f"/api/v1/users/{operation[1]}"
    for content_type in ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ";"):
        answer = owner.generic(operation[0].upper(), url, b'{"email": "x"}', content_type)
        assert refused(answer, 415, "unsupported_media_type")
    assert refused(call(owner, operation, b'{"email": "%s"}' % (b"x" * 2**20)), 413, "body_too_large")


@pytest.mark.parametrize("operation", sorted(THEIR_OWN | STAFFS), ids=" ".join)
def test_nobody_is_asked_to_sign_in_before_anything_else_is_looked_at(client, db, operation):
    answer = call(client, operation, b"{")
    assert refused(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("operation", sorted(STAFFS), ids=" ".join)
def test_a_customer_is_forbidden_before_anything_else_is_looked_at(signed_in, user, operation):
    assert refused(call(signed_in, operation, b"{"), 403, "forbidden")


@pytest.mark.parametrize("operation", ALL, ids=" ".join)
def test_a_bad_token_is_401_everywhere(client, db, operation):
    answer = call(client, operation, b"{", headers={"Authorization": "Bearer nonsense"})
    assert refused(answer, 401, "invalid_token")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


@pytest.mark.parametrize("operation", [one for one in ALL if NOBODYS in one[1]], ids=" ".join)
def test_an_id_that_is_none_and_one_that_is_nobodys_are_404(owner, operation):
    body = {"put": b'{"role_ids": []}', "patch": b"{}", "post": b'{"reason": "Look"}'}.get(operation[0], b"")
    code = "export_not_found" if "exports" in operation[1] else "not_found"
    assert refused(call(owner, operation, body), 404, code)
    for other in ("none", "1", str(new_id()).replace("-", "")):
        method, path = operation[0], operation[1].replace(NOBODYS, other)
        assert refused(call(owner, (method, path), body), 404, "not_found")


@pytest.mark.parametrize("operation", ALL, ids=" ".join)
def test_an_address_without_its_slash_is_404_and_one_with_a_nul_400(owner, operation):
    method, path = operation
    if path:
        assert refused(call(owner, (method, path.rstrip("/"))), 404, "not_found")
    assert refused(call(owner, (method, f"{path}?x=%00")), 400, "invalid")


@pytest.mark.parametrize("operation", ALL, ids=" ".join)
def test_a_type_that_there_is_not_is_406_and_a_request_id_comes_back(owner, operation):
    answer = call(owner, operation, headers={"Accept": "text/html", "X-Request-ID": "cart-7.a_B"})
    assert refused(answer, 406, "not_acceptable")
    assert answer["X-Request-ID"] == "cart-7.a_B"


@pytest.mark.parametrize("path", sorted({path for _, path in ALL}))
def test_a_method_that_there_is_not_is_405_and_names_those_that_there_are(owner, path):
    answer = call(owner, ("trace", path))
    assert refused(answer, 405, "method_not_allowed")
    allowed = {name.strip().lower() for name in answer["Allow"].split(",")}
    assert allowed - {"head", "options"} == {method for method, one in ALL if one == path}


@pytest.mark.parametrize("path", ["", "me/addresses/", "me/sessions/", "me/identities/", "roles/", "api-keys/"])
def test_a_list_is_a_page_and_takes_no_parameter_that_there_is_not(owner, path):
    answer = call(owner, ("get", f"{path}?limit=100"))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert list(answer.json()) == ["results", "next", "previous"]
    for query, code in (
        ("limit=0", "invalid_limit"),
        ("limit=101", "invalid_limit"),
        ("limit=-1", "invalid_limit"),
        ("limit=x", "invalid_limit"),
        ("cursor=x", "invalid_cursor"),
        ("colour=red", "unknown_field"),
    ):
        assert refused(call(owner, ("get", f"{path}?{query}")), 400, code)
