"""Payments over HTTP."""

from datetime import timedelta
from typing import Any, cast

import pytest
from django.db.models import F
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.payments import models
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.tests.factories import TOKEN, captured, deliver_webhooks, run_steps, started
from modules.users.contracts import Scope

pytestmark = pytest.mark.django_db


def client(principal: Principal | None = None) -> APIClient:
    api = APIClient()
    if principal:
        api.force_authenticate(user=cast(Any, principal))
    return api


def staff(*scopes: Scope) -> Principal:
    return Principal(id=new_id(), is_staff=True, scopes=frozenset(scopes))


def url(payment, action: str = "", token: str | None = TOKEN) -> str:
    return f"/api/v1/payments/{payment.id}/{action}" + (f"?token={token}" if token else "")


def test_a_payment_is_answered_as_the_api_promises():
    payment = started(method="sandbox_3ds")
    answer = client().get(url(payment))
    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(payment.id),
        "order_id": str(payment.order_id),
        "provider": "sandbox",
        "status": "requires_action",
        "amount": {"amount": "30.00", "currency": "EUR"},
        "captured": {"amount": "0.00", "currency": "EUR"},
        "refunded": {"amount": "0.00", "currency": "EUR"},
        "next_action": payment.next_action,
        "client_secret": None,
        "failure": None,
        "created_at": payment.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_a_failure_is_answered_with_its_code():
    answer = client().get(url(started(method="sandbox_declined")))
    assert answer.json()["failure"] == {"code": "card_declined", "message": "The card was declined."}


def test_reading_a_payment_takes_one_statement(django_assert_num_queries):
    payment = started()
    with django_assert_num_queries(1):
        client().get(url(payment))


def test_its_payer_staff_and_the_tokens_holder_see_a_payment():
    payer = Principal(id=new_id())
    payment = started(payer_id=payer.id)
    assert client(payer).get(url(payment, token=None)).status_code == 200
    for scope in (Scope.PAYMENTS_READ, Scope.PAYMENTS_WRITE):
        assert client(staff(scope)).get(url(payment, token=None)).status_code == 200
    assert client(Principal(id=new_id())).get(url(payment)).status_code == 200


@pytest.mark.parametrize("token", [None, "", "wrong", "%C3%BC", "%ED%A0%80"])
@pytest.mark.parametrize("action", ["", "confirm/", "retry/"])
def test_for_anyone_else_there_is_no_such_payment(token, action):
    payment = started(method="sandbox_3ds", payer_id=new_id())
    customer_with_scope = Principal(id=new_id(), scopes=frozenset({Scope.PAYMENTS_WRITE}))
    for caller in (None, Principal(id=new_id()), staff(), staff(Scope.ORDERS_WRITE), customer_with_scope):
        address = url(payment, action, token)
        answer = client(caller).post(address, {}) if action else client(caller).get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert models.SandboxPayment.objects.get().status == "requires_action"


def test_a_payment_without_a_token_hash_opens_to_no_token():
    payment = started(token_hash="")
    assert client().get(url(payment, token=None)).status_code == 404
    assert client().get(f"/api/v1/payments/{payment.id}/?token=").status_code == 404


def test_there_is_no_payment_where_only_a_tombstone_is():
    cancel_payment(order_id=new_id(), purpose="order")
    tombstone = models.Payment.objects.get()
    api = client(staff(Scope.PAYMENTS_WRITE))
    assert api.get(f"/api/v1/payments/{tombstone.id}/").status_code == 404
    assert api.post(f"/api/v1/payments/{tombstone.id}/confirm/", {}).status_code == 404


@pytest.mark.parametrize("action", ["confirm/", "retry/"])
def test_staff_who_may_only_read_change_nothing(action):
    payment = started(method="sandbox_3ds")
    answer = client(staff(Scope.PAYMENTS_READ)).post(url(payment, action, token=None), {})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert models.SandboxPayment.objects.get().status == "requires_action"


def test_staff_who_may_write_act_for_the_payer():
    payment = started(method="sandbox_3ds", payer_id=new_id())
    answer = client(staff(Scope.PAYMENTS_WRITE)).post(url(payment, "confirm/", token=None), {})
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")


def test_confirming_completes_three_d_secure_and_again_changes_nothing():
    payment = started(method="sandbox_3ds")
    first = client().post(url(payment, "confirm/"), {})
    assert (first.status_code, first.json()["status"], first.json()["next_action"]) == (200, "pending", None)
    deliver_webhooks()
    run_steps()
    for _ in range(2):
        again = client().post(url(payment, "confirm/"), {})
        assert (again.status_code, again.json()["status"]) == (200, "captured")
    assert models.SandboxWebhook.objects.count() == 2
    assert models.Posting.objects.count() == 1


@pytest.mark.parametrize("method", ["sandbox_ok", "sandbox_declined"])
def test_confirming_what_does_not_wait_changes_nothing(method):
    payment = started(method=method)
    answer = client().post(url(payment, "confirm/"), {})
    assert (answer.status_code, answer.json()["status"]) == (200, payment.status)
    assert models.SandboxWebhook.objects.count() == 1


def test_a_declined_payment_is_tried_again_with_another_method():
    payment = started(method="sandbox_declined")
    answer = client().post(url(payment, "retry/"), {"provider": "sandbox", "method": "sandbox_ok"})
    assert (answer.status_code, answer.json()["status"], answer.json()["failure"]) == (200, "pending", None)
    deliver_webhooks()
    run_steps()
    assert client().get(url(payment)).json()["status"] == "captured"
    assert list(models.Attempt.objects.order_by("number").values_list("number", "status")) == [
        (1, "failed"),
        (2, "captured"),
    ]


def test_a_second_decline_is_a_decline():
    payment = started(method="sandbox_declined")
    answer = client().post(url(payment, "retry/"), {"method": "sandbox_insufficient_funds"})
    assert (answer.status_code, answer.json()["failure"]["code"]) == (200, "insufficient_funds")


def test_a_retry_whose_answer_was_lost_goes_on_with_the_same_attempt():
    payment = started(method="sandbox_declined")
    lost = client().post(url(payment, "retry/"), {"method": "sandbox_timeout"})
    assert (lost.status_code, lost.json()["code"]) == (503, "unavailable")
    assert "Retry-After" in lost.headers
    answer = client().post(url(payment, "retry/"), {"method": "sandbox_timeout"})
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")
    assert models.SandboxPayment.objects.count() == 2


def test_a_declined_payment_that_was_captured_after_all_is_not_tried_again():
    payment = started(method="sandbox_declined")
    models.SandboxPayment.objects.update(status="captured", captured_minor=F("amount_minor"))
    answer = client().post(url(payment, "retry/"), {"method": "sandbox_ok"})
    assert (answer.status_code, answer.json()["status"]) == (200, "captured")
    assert models.Attempt.objects.count() == 1


def refused(payment, body, status: int, code: str) -> None:
    attempts = models.Attempt.objects.count()
    answer = client().post(url(payment, "retry/"), body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert models.Attempt.objects.count() == attempts


def test_after_the_time_to_pay_a_retry_is_refused():
    payment = started(method="sandbox_declined", payable_until=clock.now() - timedelta(seconds=1))
    refused(payment, {}, 409, "payment_expired")


def test_only_a_declined_payment_is_tried_again():
    refused(started(), {}, 409, "payment_not_retryable")
    refused(started(method="sandbox_3ds"), {}, 409, "payment_not_retryable")
    refused(captured(), {}, 409, "payment_not_retryable")
    cancelled = started(method="sandbox_declined")
    cancel_payment(order_id=cancelled.order_id, purpose="order")
    refused(cancelled, {}, 409, "payment_closed")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"provider": "stripe"}, "provider_not_available"),
        ({"method": "gold"}, "method_not_available"),
        ({"amount": "1.00"}, "unknown_field"),
        ({"method": 5}, "invalid"),
        ({"method": "m" * 61}, "invalid"),
    ],
)
def test_a_retry_that_makes_no_sense_is_refused(body, code):
    refused(started(method="sandbox_declined"), body, 400, code)


def test_a_repeated_retry_with_one_key_is_answered_again():
    payment = started(method="sandbox_declined")
    key = {"Idempotency-Key": "retry-1"}
    first = client().post(url(payment, "retry/"), {"method": "sandbox_3ds"}, headers=key)
    again = client().post(url(payment, "retry/"), {"method": "sandbox_3ds"}, headers=key)
    assert first.status_code == again.status_code == 200
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert models.Attempt.objects.count() == 2


def test_the_methods_are_those_of_the_configured_providers(settings):
    assert client().get("/api/v1/payments/methods/").json() == {
        "results": [
            {
                "provider": "sandbox",
                "public_key": None,
                "methods": [
                    "sandbox_ok",
                    "sandbox_declined",
                    "sandbox_insufficient_funds",
                    "sandbox_3ds",
                    "sandbox_timeout",
                ],
            }
        ]
    }
    settings.SANDBOX_ALLOWED = False
    assert client().get("/api/v1/payments/methods/").json() == {"results": []}
