"""Calls between modules: signed, typed, never inside a transaction, never falling back."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from django.test import Client, override_settings

from ecommerce.kernel import clock, remote, signing
from ecommerce.kernel.db import CalledInTransaction, in_database
from ecommerce.kernel.errors import Conflict, Forbidden, NotFound, Unavailable
from ecommerce.kernel.money import Money
from ecommerce.kernel.remote import RemoteService


class TooMany(Conflict):
    """There are too many."""

    code = "too_many"


class TooFar(Unavailable):
    """It was not sent."""

    code = "too_far"


elsewhere = RemoteService("catalog", raises=(TooMany, TooFar))


@pytest.fixture
def answering() -> Iterator[Callable[[Callable[[httpx2.Request], httpx2.Response]], None]]:
    yield lambda respond: remote.use_transport("catalog", httpx2.MockTransport(respond))
    remote.use_transport("catalog", None)


def test_a_result_comes_back_as_its_type(answering: Any) -> None:
    answering(lambda request: httpx2.Response(200, json={"minor": 1990, "currency": "EUR"}))

    assert elsewhere.call(Money, "price") == Money(minor=1990, currency="EUR")


def test_a_typed_refusal_comes_back_as_itself(answering: Any) -> None:
    body = {"code": "too_many", "detail": "Seven.", "details": {"count": 7}}
    answering(lambda request: httpx2.Response(409, json=body))

    with pytest.raises(TooMany, match="Seven") as refusal:
        elsewhere.call(None, "add")

    assert refusal.value.details == {"count": 7}


def test_a_typed_refusal_may_be_a_503_which_is_an_answer_and_not_asked_for_again(answering: Any) -> None:
    asked = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return httpx2.Response(503, json={"code": "too_far", "detail": "Not sent.", "details": {}})

    answering(answer)
    with pytest.raises(TooFar, match="Not sent"):
        elsewhere.call(None, "add")
    assert len(asked) == 1


@pytest.mark.parametrize(("status", "body"), [(500, "oops"), (404, "<html>"), (409, '{"code":"new","detail":"?"}')])
def test_any_other_answer_is_unavailable(answering: Any, status: int, body: str) -> None:
    answering(lambda request: httpx2.Response(status, text=body))

    with pytest.raises(Unavailable) as refusal:
        elsewhere.call(None, "add")

    assert refusal.value.details["dependency"] == "catalog"


def test_a_connect_error_is_tried_again_and_then_unavailable(answering: Any) -> None:
    asked = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        raise httpx2.ConnectError("refused")

    answering(refuse)

    with pytest.raises(Unavailable):
        elsewhere.call(None, "add")

    assert len(asked) == remote.ATTEMPTS


def test_an_answer_that_was_lost_is_not_asked_for_again_here(answering: Any) -> None:
    asked = []

    def hang(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        raise httpx2.ReadTimeout("slow")

    answering(hang)

    with pytest.raises(Unavailable):
        elsewhere.call(None, "add")

    assert len(asked) == 1


def test_a_module_that_keeps_failing_is_left_alone_for_a_while(answering: Any) -> None:
    asked = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        raise httpx2.ConnectError("refused")

    answering(refuse)
    for _ in range(4):
        with pytest.raises(Unavailable):
            elsewhere.call(None, "add")

    assert len(asked) == 5


def signed(path: str, body: bytes = b"{}", caller: str = "orders") -> dict[str, str]:
    return signing.sign(caller, "POST", path, body)


def post(path: str, headers: dict[str, str], body: bytes = b"{}") -> Any:
    return Client().post(path, data=body, content_type="application/json", headers=headers)


def test_an_unsigned_call_is_refused() -> None:
    assert post("/internal/orders/get_orders", {}).status_code == 403


def test_a_call_signed_for_another_function_is_refused() -> None:
    assert post("/internal/orders/get_orders", signed("/internal/orders/list_orders")).status_code == 403


def test_a_call_whose_body_was_changed_is_refused() -> None:
    path = "/internal/orders/get_orders"

    assert post(path, signed(path, b'{"ids":[]}'), b'{"ids":[""]}').status_code == 403


def test_a_signature_serves_once() -> None:
    headers = signed("/internal/nowhere/x")

    assert post("/internal/nowhere/x", headers).status_code == 404
    assert post("/internal/nowhere/x", headers).status_code == 403


def test_a_signature_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = signed("/internal/nowhere/x")
    later = time.time() + signing.WINDOW_SECONDS + 2
    monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(later, UTC))

    assert post("/internal/nowhere/x", headers).status_code == 403


def test_while_a_key_is_rotated_the_old_one_is_still_known() -> None:
    path = "/internal/nowhere/x"
    with override_settings(INTERNAL_KEYS="orders:old"):
        headers = signed(path)

    with override_settings(INTERNAL_KEYS="orders:new|old,cart:other"):
        assert post(path, headers).status_code == 404
        assert post(path, signed(path)).status_code == 404
        assert post(path, signed(path) | {"X-Internal-Caller": "cart"}).status_code == 403


def test_a_private_function_cannot_be_asked() -> None:
    path = "/internal/orders/guard"

    assert post(path, signed(path)).status_code == 404


def double(*, amount: Money) -> Money:
    return amount * 2


def guarded() -> dict[str, Any]:
    """The namespace of a service.py with one function."""
    namespace: dict[str, Any] = {"__name__": "modules.orders.service", "__all__": ["double"], "double": double}
    remote.guard(namespace)
    return namespace


@pytest.mark.django_db
def test_no_module_is_called_inside_a_transaction() -> None:
    with in_database("default"), pytest.raises(CalledInTransaction):
        guarded()["double"](amount=Money(minor=1, currency="EUR"))


def test_a_local_call_goes_through_the_wire_form() -> None:
    amount = Money(minor=1, currency="EUR")

    assert guarded()["double"](amount=amount) == Money(minor=2, currency="EUR")
    with pytest.raises(TypeError):
        guarded()["double"](amounts=amount)


def test_the_errors_that_every_module_knows_keep_their_kind(answering: Any) -> None:
    for kind in (NotFound, Forbidden):
        body = {"code": kind.code, "detail": "x", "details": {}}
        answering(lambda request, body=body, kind=kind: httpx2.Response(kind.status, json=body))
        with pytest.raises(kind):
            elsewhere.call(None, "get")
