"""What staff do with a payment over HTTP."""

from typing import Any

import pytest

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.payments import models
from modules.payments.contracts import Payment
from modules.payments.tests.api.test_payments import client, staff
from modules.payments.tests.factories import books, captured, eur, provider_that, started
from modules.users.contracts import Scope

pytestmark = pytest.mark.django_db

ACTS = ("capture", "void", "refunds")
EUR_12 = {"amount": "12.00", "currency": "EUR"}


def act(
    payment: Payment, action: str, body: dict[str, Any] | None = None, key: str = "", who: Principal | None = None
) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    api = client(who or staff(Scope.PAYMENTS_WRITE))
    return api.post(f"/api/v1/payments/{payment.id}/{action}/", body or {}, format="json", headers=headers)


def test_a_part_of_what_is_authorised_is_captured():
    payment = started(captures_later=True)
    answer = act(payment, "capture", {"amount": EUR_12})
    assert (answer.status_code, answer.json()["status"], answer.json()["captured"]) == (200, "captured", EUR_12)
    again = act(payment, "capture", {"amount": EUR_12})
    assert (again.status_code, again.json()) == (200, answer.json())
    other = act(payment, "capture")
    assert other.json()["captured"] == EUR_12


def test_what_cannot_be_captured_is_refused_and_nothing_changes():
    payment = started(captures_later=True)
    too_much = act(payment, "capture", {"amount": {"amount": "30.01", "currency": "EUR"}})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "capture_exceeds_authorized")
    assert act(payment, "capture", {"amount": {"amount": "0.00", "currency": "EUR"}}).status_code == 400
    assert act(payment, "capture", {"amount": {"amount": "12.00", "currency": "USD"}}).status_code == 409
    declined = act(started(method="sandbox_declined"), "capture")
    assert (declined.status_code, declined.json()["code"]) == (409, "payment_not_capturable")
    assert models.Instruction.objects.count() == 0


def test_an_authorisation_is_voided():
    payment = started(captures_later=True)
    answers = [act(payment, "void") for _ in range(2)]
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "cancelled")] * 2
    taken = act(captured(), "void")
    assert (taken.status_code, taken.json()["code"], taken.json()["status"]) == (409, "payment_not_voidable", 409)


@pytest.mark.django_db(transaction=True)
def test_money_is_given_back_once_per_key():
    payment, who = captured(), staff(Scope.PAYMENTS_WRITE)
    asked = {"amount": EUR_12, "reason": "Scratched."}
    answers = [act(payment, "refunds", asked, key="k", who=who) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["refunded"] == EUR_12 == answers[1].json()["refunded"]
    assert models.Refund.objects.get().reason == "Scratched."
    rest = act(payment, "refunds", key="l")
    assert rest.json()["status"] == "refunded"
    more = act(payment, "refunds", key="m")
    assert (more.status_code, more.json()["code"]) == (409, "refund_exceeds_captured")
    assert books() == {}


def test_a_refund_needs_a_key():
    answer = act(captured(), "refunds")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


@pytest.mark.django_db(transaction=True)
def test_a_refund_that_the_provider_refuses_is_a_conflict():
    payment = captured()
    models.SandboxPayment.objects.update(refunded_minor=3000)
    answer = act(payment, "refunds", {"amount": EUR_12}, key="k")
    assert (answer.status_code, answer.json()["code"]) == (409, "refund_refused")
    assert books() == {"provider:sandbox:clearing": 3000, "customer_deposits": -3000}


@pytest.mark.parametrize("action", ACTS)
def test_others_may_not(action: str):
    payment = started(captures_later=True)
    assert act(payment, action, key="k", who=Principal(id=new_id())).status_code == 403
    assert act(payment, action, key="k", who=staff(Scope.PAYMENTS_READ)).status_code == 403
    assert client().post(f"/api/v1/payments/{payment.id}/{action}/", {}).status_code == 401
    assert models.Payment.objects.get().status == "authorized"


@pytest.mark.parametrize("action", ACTS)
def test_of_what_is_not_there_nobody_does_anything(action: str):
    answer = client(staff(Scope.PAYMENTS_WRITE)).post(
        f"/api/v1/payments/{new_id()}/{action}/", {}, headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 404


def test_a_provider_that_is_away_is_named():
    payment = started(captures_later=True)

    def is_away(*_: object) -> None:
        raise Unavailable("away", dependency="sandbox")

    with provider_that(capture=is_away):
        answer = act(payment, "capture")
    assert (answer.status_code, answer.json()["dependency"]) == (503, "sandbox")
    assert models.Instruction.objects.get().amount_minor == eur(3000).minor
