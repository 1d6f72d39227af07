"""Giving money back, never more than came in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connections

from ecommerce.kernel import driver, leases
from ecommerce.kernel.errors import Invalid, Unavailable
from ecommerce.kernel.ids import new_id
from modules.payments import models
from modules.payments.contracts import (
    Payment,
    PaymentNotFound,
    PaymentStatus,
    RefundExceedsCaptured,
    RefundRefused,
    SplitMismatch,
)
from modules.payments.logic.ledger import recognise_revenue
from modules.payments.logic.providers import find_provider
from modules.payments.logic.refunds import refund_order
from modules.payments.tests.factories import (
    books,
    broken_invariants,
    captured,
    deliver_webhooks,
    eur,
    make_steps_due,
    provider_that,
    published,
    run_steps,
    split_of,
    started,
)

pytestmark = pytest.mark.django_db


def refund(payment, amount=None, *, reference=None, split=None) -> Payment:
    [after] = refund_order(
        order_id=payment.order_id,
        purpose=payment.purpose,
        reference=reference or new_id(),
        amount=amount,
        split=split,
        reason="It was too small.",
    )
    return after


def test_a_part_goes_back_before_revenue_is_recognised_out_of_the_deposit():
    payment, reference = captured(), new_id()
    after = refund(payment, eur(1200), reference=reference)
    assert (after.status, after.refunded) == (PaymentStatus.PARTIALLY_REFUNDED, eur(1200))
    assert books() == {"provider:sandbox:clearing": 1800, "customer_deposits": -1800}
    assert published()[-1] == (
        "PaymentRefunded",
        {
            "payment_id": str(payment.id),
            "order_id": str(payment.order_id),
            "purpose": "order",
            "reference": str(reference),
            "refunded": {"minor": 1200, "currency": "EUR"},
        },
    )


def test_no_amount_means_all_that_is_left():
    payment = captured()
    refund(payment, eur(1000))
    after = refund(payment)
    assert (after.status, after.refunded) == (PaymentStatus.REFUNDED, eur(3000))
    assert books() == {}


def test_after_recognition_a_refund_is_split_over_what_it_was_earned_as():
    payment = captured(split=split_of(3000, tax=500, shipping=400))
    recognise_revenue(order_id=payment.order_id, purpose="order", split=split_of(3000, tax=500, shipping=400))
    refund(payment, eur(1200), split=split_of(1200, tax=200))
    assert books() == {
        "provider:sandbox:clearing": 1800,
        "sales": -2100,
        "tax_payable": -300,
        "shipping_income": -400,
        "refunds": 1000,
    }


def test_after_recognition_a_refund_without_a_split_is_unallocated():
    payment = captured()
    recognise_revenue(order_id=payment.order_id, purpose="order", split=split_of(3000))
    refund(payment, eur(700))
    assert books() == {"provider:sandbox:clearing": 2300, "sales": -3000, "refunds_unallocated": 700}


def test_what_went_back_before_recognition_is_not_recognised():
    """A refund may be quicker than the revenue that it lowers: the books end as in the other order."""
    whole, part = split_of(3000, tax=500, shipping=400), split_of(1200, tax=200)
    payment = captured(split=whole)
    refund(payment, eur(1200), split=part)
    refund(payment, eur(300))
    recognise_revenue(order_id=payment.order_id, purpose="order", split=whole)
    assert books() == {
        "provider:sandbox:clearing": 1500,
        "sales": -2100,
        "tax_payable": -300,
        "shipping_income": -400,
        "refunds": 1000,
        "refunds_unallocated": 300,
    }
    assert broken_invariants() == {}


def test_after_recognition_all_that_is_left_takes_what_is_left_of_tax_and_shipping_with_it():
    whole = split_of(3000, tax=500, shipping=400)
    payment = captured(split=whole)
    recognise_revenue(order_id=payment.order_id, purpose="order", split=whole)
    refund(payment, eur(1200), split=split_of(1200, tax=200))
    refund(payment)
    assert books() == {"sales": -2100, "refunds": 2100}


def test_after_a_refund_without_a_split_nobody_knows_what_is_left_of_which():
    whole = split_of(3000, tax=500, shipping=400)
    payment = captured(split=whole)
    recognise_revenue(order_id=payment.order_id, purpose="order", split=whole)
    refund(payment, eur(700))
    refund(payment)
    assert books() == {"sales": -2100, "tax_payable": -500, "shipping_income": -400, "refunds_unallocated": 3000}


def test_a_refund_that_somebody_else_has_yet_to_carry_out_is_not_said_to_be_made():
    payment, reference = captured(), new_id()
    lease = leases.claim("payments", payment.id)
    assert lease is not None
    with patch.object(driver, "PATIENCE", timedelta()), pytest.raises(Unavailable):
        refund(payment, eur(1000), reference=reference)
    assert models.Payment.objects.get().refund_pending_minor == 1000

    leases.let_go(lease)
    make_steps_due()
    assert refund(payment, eur(1000), reference=reference).refunded == eur(1000)
    assert models.SandboxRefund.objects.count() == 1


def test_one_reference_is_one_refund():
    payment, reference = captured(), new_id()
    first = refund(payment, eur(1000), reference=reference)
    assert refund(payment, eur(1000), reference=reference) == first
    assert refund(payment, reference=reference) == first
    assert models.SandboxRefund.objects.count() == 1


def test_a_repeated_refund_of_everything_is_not_refused():
    payment, reference = captured(), new_id()
    assert refund(payment, reference=reference) == refund(payment, reference=reference)


def test_more_than_is_left_is_refused_and_nothing_changes():
    payment = captured()
    refund(payment, eur(2000))
    before = models.Payment.objects.values().get()
    for amount in (eur(1001), eur(3000)):
        with pytest.raises(RefundExceedsCaptured):
            refund(payment, amount)
    assert models.Payment.objects.values().get() == before
    assert models.Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "split", "refusal"),
    [(eur(0), None, Invalid), (eur(-1), None, Invalid), (eur(100), split_of(99), SplitMismatch)],
)
def test_an_amount_that_makes_no_sense_is_refused(amount, split, refusal):
    payment = captured()
    with pytest.raises(refusal):
        refund(payment, amount, split=split)
    assert models.Refund.objects.count() == 0


def test_nothing_captured_nothing_refunded():
    with pytest.raises(RefundExceedsCaptured):
        refund(started())
    with pytest.raises(PaymentNotFound):
        refund_order(order_id=new_id(), purpose="order", reference=new_id(), amount=None, split=None, reason="")


def test_an_unknown_outcome_keeps_the_reservation_until_the_provider_has_answered():
    payment, reference = captured(), new_id()
    ask = find_provider("sandbox").refund

    def answer_is_lost(charge, refund_id, amount):
        ask(charge, refund_id, amount)
        raise Unavailable("the answer was lost")

    with provider_that(refund=answer_is_lost), pytest.raises(Unavailable):
        refund(payment, eur(2000), reference=reference)
    row = models.Payment.objects.get()
    assert (row.refund_pending_minor, row.refunded_minor) == (2000, 0)
    with pytest.raises(RefundExceedsCaptured):
        refund(payment, eur(1001))
    make_steps_due()
    row.refresh_from_db()
    assert (row.refund_pending_minor, row.refunded_minor) == (0, 2000)
    assert models.SandboxRefund.objects.count() == 1
    assert refund(payment, eur(2000), reference=reference).refunded == eur(2000)


def test_a_refusal_of_the_provider_frees_what_was_reserved():
    payment, reference = captured(), new_id()
    models.SandboxPayment.objects.update(refunded_minor=2500)
    for _ in range(2):
        with pytest.raises(RefundRefused):
            refund(payment, eur(1000), reference=reference)
    row = models.Payment.objects.get()
    assert (row.refund_pending_minor, row.refunded_minor, row.status) == (0, 0, "captured")
    assert books() == {"provider:sandbox:clearing": 3000, "customer_deposits": -3000}


def test_a_refund_made_at_the_provider_is_booked_and_announced():
    payment = captured()
    charge = models.Attempt.objects.get()
    models.SandboxRefund.objects.create(
        id=new_id(), payment_id=charge.id, amount_minor=800, succeeded=True, created_at=payment.created_at
    )
    models.SandboxPayment.objects.update(refunded_minor=800)
    models.SandboxWebhook.objects.create(
        payment_id=charge.id,
        type="payment.refunded",
        next_attempt_at=payment.created_at,
        created_at=payment.created_at,
    )
    deliver_webhooks()
    run_steps()
    assert models.Payment.objects.get().refunded_minor == 800
    assert models.Refund.objects.get().reference is None
    assert published()[-1][1]["reference"] is None
    assert books() == {"provider:sandbox:clearing": 2200, "customer_deposits": -2200}


def paid_twice():
    """An order's payment of 30.00 and one of 12.00 for what was added to it."""
    first = captured(split=split_of(3000, tax=500, shipping=400))
    second = captured(order_id=first.order_id, purpose="edit:1", amount=eur(1200), split=split_of(1200, tax=200))
    return first, second


def refund_both(payment, amount=None, *, reference=None, split=None):
    return refund_order(
        order_id=payment.order_id,
        reference=reference or new_id(),
        amount=amount,
        split=split,
        reason="It was too small.",
    )


def test_an_orders_refund_takes_from_its_oldest_payment_first():
    first, second = paid_twice()
    assert [one.refunded for one in refund_both(first, eur(2500))] == [eur(2500), eur(0)]
    assert [one.refunded for one in refund_both(first, eur(1000))] == [eur(3000), eur(500)]
    with pytest.raises(RefundExceedsCaptured):
        refund_both(second, eur(701))
    assert [one.status for one in refund_both(second)] == [PaymentStatus.REFUNDED] * 2
    with pytest.raises(RefundExceedsCaptured) as refusal:
        refund_both(first)
    assert not refusal.value.details
    assert books() == {}


def test_an_orders_refund_divides_its_split_over_the_payments():
    first, _ = paid_twice()
    recognise_revenue(order_id=first.order_id, purpose="order", split=split_of(3000, tax=500, shipping=400))
    recognise_revenue(order_id=first.order_id, purpose="edit:1", split=split_of(1200, tax=200))
    refund_both(first, eur(3600), split=split_of(3600, tax=601, shipping=400))
    assert books() == {
        "provider:sandbox:clearing": 600,
        "sales": -3100,
        "tax_payable": -99,
        "refunds": 2599,
    }
    parts = models.Refund.objects.order_by("amount_minor").values_list("amount_minor", "sales_minor", "tax_minor")
    assert [(amount, tax) for amount, _, tax in parts] == [(600, 100), (3000, 501)]
    assert broken_invariants() == {}


def test_one_reference_is_one_refund_of_an_order():
    first, _ = paid_twice()
    reference = new_id()
    before = refund_both(first, eur(3500), reference=reference)
    assert refund_both(first, eur(3500), reference=reference) == before
    assert models.SandboxRefund.objects.count() == 2


def test_a_payment_that_refuses_its_part_keeps_nothing_reserved():
    first, _ = paid_twice()
    models.SandboxPayment.objects.filter(amount_minor=1200).update(refunded_minor=1200)
    reference = new_id()
    for _ in range(2):
        with pytest.raises(RefundRefused):
            refund_both(first, eur(3500), reference=reference)
    rows = models.Payment.objects.order_by("created_at").values_list("refunded_minor", "refund_pending_minor")
    assert list(rows) == [(3000, 0), (0, 0)]


def test_an_order_without_payments_has_nothing_to_give_back():
    with pytest.raises(PaymentNotFound):
        refund_order(order_id=new_id(), reference=new_id(), amount=None, split=None, reason="")


@pytest.mark.django_db(transaction=True)
def test_of_an_orders_two_payments_never_more_goes_back_than_came_in_however_many_ask():
    first, _ = paid_twice()

    def ask(_):
        try:
            refund_both(first, eur(1500))
        except RefundExceedsCaptured:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 2
    assert sum(models.Payment.objects.values_list("refunded_minor", flat=True)) == 3000


@pytest.mark.django_db(transaction=True)
def test_a_refund_waits_for_whoever_is_at_the_payments_steps():
    payment = captured()
    lease = leases.claim("payments", payment.id)
    assert lease is not None
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(refund, payment, eur(1000))
        while not models.Refund.objects.exists():
            pass
        leases.let_go(lease)
        assert waiting.result().refunded == eur(1000)
