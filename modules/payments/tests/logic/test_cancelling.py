"""Closing a payment before it has taken anything."""

import pytest
from django.db.models import F

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from modules.payments import models
from modules.payments.contracts import CancelOutcome, PaymentClosed
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.logic.records import get_payments
from modules.payments.logic.retrying import confirm_payment, retry_payment
from modules.payments.logic.starting import start_payment
from modules.payments.tests.factories import (
    books,
    captured,
    deliver_webhooks,
    provider_that,
    published,
    run_steps,
    start_arguments,
    started,
)

pytestmark = pytest.mark.django_db


def cancel(payment) -> CancelOutcome:
    return cancel_payment(order_id=payment.order_id, purpose=payment.purpose)


@pytest.mark.parametrize("method", ["sandbox_ok", "sandbox_3ds", "sandbox_declined"])
def test_a_payment_that_has_taken_nothing_is_cancelled_however_often_it_is_asked(method):
    payment = started(method=method)
    assert [cancel(payment), cancel(payment)] == [CancelOutcome.CANCELLED] * 2
    assert get_payments(order_ids=[payment.order_id])[0].status == "cancelled"


def test_a_cancelled_payment_is_never_captured_afterwards():
    payment = started()
    cancel(payment)
    deliver_webhooks()
    run_steps()
    assert get_payments(order_ids=[payment.order_id])[0].status == "cancelled"
    assert published() == []
    assert books() == {}


def test_what_is_captured_stays_and_is_the_answer():
    payment = captured()
    assert cancel(payment) == CancelOutcome.CAPTURED
    assert get_payments(order_ids=[payment.order_id])[0].status == "captured"


def test_a_capture_nobody_had_heard_of_is_found_by_asking_the_provider():
    payment = started()
    models.SandboxPayment.objects.update(status="captured", captured_minor=F("amount_minor"))
    assert cancel(payment) == CancelOutcome.CAPTURED
    assert [name for name, _ in published()] == ["PaymentCaptured"]
    assert books() == {"provider:sandbox:clearing": 3000, "customer_deposits": -3000}


def test_what_is_authorised_stays_and_is_the_answer():
    payment = started()
    models.SandboxPayment.objects.update(status="authorized")
    assert [cancel(payment), cancel(payment)] == [CancelOutcome.AUTHORIZED] * 2
    about = {"payment_id": str(payment.id), "order_id": str(payment.order_id), "purpose": "order"}
    assert published() == [("PaymentAuthorized", about | {"authorized": {"minor": 3000, "currency": "EUR"}})]
    assert books() == {}


def test_a_provider_that_does_not_answer_leaves_the_outcome_unknown_and_no_new_attempt_may_begin():
    payment = started()

    def silent(charge):
        raise Unavailable("nobody there")

    with provider_that(fetch=silent):
        assert cancel(payment) == CancelOutcome.UNKNOWN
    assert models.Payment.objects.get().cancel_requested_at is not None
    assert cancel(payment) == CancelOutcome.CANCELLED


def test_while_the_cancelling_waits_for_the_provider_nobody_helps_the_payment_to_collect():
    payment = started(method="sandbox_3ds")

    def silent(charge):
        raise Unavailable("nobody there")

    with provider_that(fetch=silent):
        assert cancel(payment) == CancelOutcome.UNKNOWN
    assert confirm_payment(payment_id=payment.id).status == "requires_action"
    for again in (retry_payment, start_again(payment)):
        with pytest.raises(PaymentClosed):
            again(payment_id=payment.id)
    assert models.SandboxPayment.objects.get().status == "requires_action"


def start_again(payment):
    return lambda payment_id: start_payment(**start_arguments(order_id=payment.order_id))


def test_a_charge_whose_answer_was_lost_is_cancelled_too():
    asked = start_arguments(method="sandbox_timeout")
    with pytest.raises(Unavailable):
        start_payment(**asked)
    assert cancel_payment(order_id=asked["order_id"], purpose="order") == CancelOutcome.CANCELLED
    assert models.SandboxPayment.objects.get().status == "cancelled"


def test_a_tombstone_is_no_payment():
    order_id = new_id()
    assert cancel_payment(order_id=order_id, purpose="order") == CancelOutcome.CANCELLED
    assert cancel_payment(order_id=order_id, purpose="order") == CancelOutcome.CANCELLED
    assert get_payments(order_ids=[order_id]) == []
    assert get_payments(after=None, limit=10) == []
    assert models.Payment.objects.get().is_tombstone
