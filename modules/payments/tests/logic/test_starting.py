"""Beginning to collect an order's money."""

from uuid import UUID

import pytest

from ecommerce.kernel.db import CalledInTransaction, atomic
from ecommerce.kernel.errors import Invalid, Unavailable
from modules.payments import models
from modules.payments.contracts import (
    CancelOutcome,
    Failure,
    MethodNotAvailable,
    PaymentClosed,
    PaymentStatus,
    ProviderNotAvailable,
    SplitMismatch,
)
from modules.payments.logic.cancelling import cancel_payment
from modules.payments.logic.starting import start_payment
from modules.payments.tests.factories import (
    deliver_webhooks,
    eur,
    provider_that,
    published,
    split_of,
    start_arguments,
    started,
    statements,
)

pytestmark = pytest.mark.django_db


def test_a_payment_begins_pending_and_nothing_is_announced():
    asked = start_arguments()
    payment = start_payment(**asked)
    assert payment.status == PaymentStatus.PENDING
    assert (payment.order_id, payment.amount, payment.captured, payment.refunded) == (
        asked["order_id"],
        eur(3000),
        eur(0),
        eur(0),
    )
    assert published() == []


@pytest.mark.parametrize("method", ["sandbox_ok", "sandbox_declined", "sandbox_3ds", None])
def test_a_new_payment_takes_at_most_six_statements(method: str | None):
    asked = start_arguments(method=method)
    with statements() as found:
        start_payment(**asked)
    assert len(found) <= 6, found


def test_starting_twice_is_one_payment_one_attempt_and_one_charge():
    asked = start_arguments()
    assert start_payment(**asked) == start_payment(**asked)
    assert models.Payment.objects.count() == models.Attempt.objects.count() == 1
    assert models.SandboxPayment.objects.count() == models.SandboxWebhook.objects.count() == 1


def test_each_purpose_of_an_order_has_its_own_payment():
    asked = start_arguments()
    first, second = start_payment(**asked), start_payment(**asked | {"purpose": "edit:1"})
    assert first.id != second.id


@pytest.mark.parametrize(
    ("method", "code"),
    [("sandbox_declined", "card_declined"), ("sandbox_insufficient_funds", "insufficient_funds")],
)
def test_a_decline_is_a_failed_payment_and_is_announced_once(method: str, code: str):
    asked = start_arguments(method=method)
    payment = start_payment(**asked)
    assert payment.status == PaymentStatus.FAILED
    assert payment.failure is not None
    assert payment.failure.code == code
    assert start_payment(**asked) == payment
    assert published() == [
        (
            "PaymentFailed",
            {"payment_id": str(payment.id), "order_id": str(payment.order_id), "purpose": "order", "code": code},
        )
    ]


def test_three_d_secure_waits_for_the_buyer():
    payment = started(method="sandbox_3ds")
    assert payment.status == PaymentStatus.REQUIRES_ACTION
    assert payment.next_action is not None
    assert payment.next_action["type"] == "redirect"
    assert payment.next_action["url"].endswith(f"/api/v1/payments/{payment.id}/confirm/")


def test_a_lost_answer_is_unavailable_and_a_repetition_finds_the_payment():
    asked = start_arguments(method="sandbox_timeout")
    with pytest.raises(Unavailable):
        start_payment(**asked)
    payment = start_payment(**asked)
    assert payment.status == PaymentStatus.PENDING
    assert models.SandboxPayment.objects.count() == 1
    assert models.Attempt.objects.get().status == "processing"


def test_a_provider_that_never_got_the_question_is_asked_again_with_the_same_key():
    asked, keys = start_arguments(), []

    def lost(charge):
        keys.append(charge.attempt_id)
        raise Unavailable("nobody there")

    with provider_that(create=lost):
        for _ in range(2):
            with pytest.raises(Unavailable):
                start_payment(**asked)
    payment = start_payment(**asked)
    assert keys == [models.SandboxPayment.objects.get().id] * 2
    assert payment.status == PaymentStatus.PENDING


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"provider": "stripe"}, ProviderNotAvailable),
        ({"provider": "nobody"}, ProviderNotAvailable),
        ({"method": "sandbox_gold"}, MethodNotAvailable),
        ({"split": split_of(2999)}, SplitMismatch),
        ({"amount": eur(0), "split": split_of(0)}, Invalid),
        ({"amount": eur(-5), "split": split_of(-5)}, Invalid),
    ],
)
def test_what_cannot_be_collected_is_refused_and_nothing_is_written(change, refusal):
    with pytest.raises(refusal):
        start_payment(**start_arguments() | change)
    assert models.Payment.objects.count() == models.SandboxPayment.objects.count() == 0


def test_the_sandbox_is_refused_where_it_is_not_allowed(settings):
    settings.SANDBOX_ALLOWED = False
    with pytest.raises(ProviderNotAvailable):
        started()
    assert models.Payment.objects.count() == 0


def test_no_provider_is_asked_inside_a_transaction():
    with pytest.raises(CalledInTransaction), atomic(models.Payment):
        started()
    assert models.Payment.objects.count() == 0


def test_a_start_after_the_cancelling_of_an_unseen_payment_is_refused():
    asked = start_arguments()
    assert cancel_payment(order_id=asked["order_id"], purpose="order") == CancelOutcome.CANCELLED
    with pytest.raises(PaymentClosed):
        start_payment(**asked)
    assert models.SandboxPayment.objects.count() == 0
    assert models.Attempt.objects.count() == 0


def test_a_start_after_the_cancelling_of_a_begun_payment_is_refused():
    asked = start_arguments()
    start_payment(**asked)
    assert cancel_payment(order_id=asked["order_id"], purpose="order") == CancelOutcome.CANCELLED
    with pytest.raises(PaymentClosed):
        start_payment(**asked)


def test_a_charge_that_reaches_the_provider_after_the_cancelling_collects_nothing():
    asked = start_arguments()

    def cancelled_meanwhile(charge):
        assert cancel_payment(order_id=charge.order_id, purpose="order") == CancelOutcome.CANCELLED
        return original(charge)

    from modules.payments.logic.providers import find_provider

    original = find_provider("sandbox").create
    with provider_that(create=cancelled_meanwhile), pytest.raises(PaymentClosed):
        start_payment(**asked)
    deliver_webhooks()
    assert models.SandboxPayment.objects.get().status == "cancelled"
    assert models.Payment.objects.get().captured_minor == 0


def test_ids_grow_and_the_failure_is_part_of_the_contract():
    payment = started(method="sandbox_declined")
    assert isinstance(payment.id, UUID)
    assert payment.failure == Failure(code="card_declined", message="The card was declined.")
