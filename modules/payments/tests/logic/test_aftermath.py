"""What comes after a capture: disputes, refunds that come back, fees, exchange, and money that came twice."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from ecommerce.kernel.db import atomic
from ecommerce.kernel.money import Money
from modules.payments import models
from modules.payments.contracts import Payment, ProviderDisagrees, RefundExceedsCaptured
from modules.payments.logic import ledger
from modules.payments.logic.books import open_book
from modules.payments.logic.ledger import recognise_revenue
from modules.payments.logic.providers.base import Observed, ObservedDispute, ObservedMove, ObservedRefund, Payout
from modules.payments.logic.recording import record
from modules.payments.logic.records import get_payment
from modules.payments.logic.refunds import refund_order
from modules.payments.logic.sweeps import refund_surplus
from modules.payments.models import AttemptStatus, DisputeStatus, RefundStatus
from modules.payments.tests.factories import books, captured, eur, provider_that, published, split_of

pytestmark = pytest.mark.django_db

CLEARING = "provider:sandbox:clearing"
DUE = datetime(2026, 12, 24, tzinfo=UTC)


def the_provider_says(payment: Payment, **said: Any) -> Observed:
    """One more observation of the payment's attempt."""
    attempt = models.Attempt.objects.get(payment_id=payment.id)
    observed = Observed(
        reference=attempt.provider_reference, status=AttemptStatus.CAPTURED, captured_minor=3000, **said
    )
    with atomic(models.Payment):
        record(open_book(payment.id), attempt.id, observed)
    return observed


def a_dispute(status: DisputeStatus, taken: int = 0, returned: int = 0) -> ObservedDispute:
    return ObservedDispute(
        reference="dp_1",
        status=status,
        amount_minor=3000,
        withdrawn_minor=taken,
        reinstated_minor=returned,
        reason="fraudulent",
        evidence_due_at=DUE,
    )


OPENED = a_dispute(DisputeStatus.NEEDS_RESPONSE)
TAKEN = a_dispute(DisputeStatus.NEEDS_RESPONSE, 3000)
LOST = a_dispute(DisputeStatus.LOST, 3000)
WON = a_dispute(DisputeStatus.WON, 3000, 3000)


def facts() -> list[str]:
    return [name for name, _ in published() if name != "PaymentCaptured"]


def test_a_dispute_reserves_what_it_is_about():
    payment = captured()
    the_provider_says(payment, disputes=(OPENED,))
    now = get_payment(payment_id=payment.id)
    assert (now.status, now.disputed) == ("captured", eur(3000))
    with pytest.raises(RefundExceedsCaptured):
        refund_order(order_id=payment.order_id, reference=payment.id, amount=eur(1), split=None, reason="")
    assert facts() == ["PaymentDisputed"]
    assert published()[-1][1]["evidence_due_at"].startswith("2026-12-24")
    assert books() == {CLEARING: 3000, "customer_deposits": -3000}


def test_what_the_bank_takes_back_lies_in_disputes_until_it_is_decided():
    payment = captured()
    the_provider_says(payment, disputes=(TAKEN,))
    assert books() == {"disputes": 3000, "customer_deposits": -3000}


def test_a_lost_dispute_is_a_loss():
    payment = captured()
    for said in (OPENED, TAKEN, LOST, TAKEN):
        the_provider_says(payment, disputes=(said,))
    assert books() == {"dispute_losses": 3000, "customer_deposits": -3000}
    assert facts() == ["PaymentDisputed", "DisputeClosed"]
    assert get_payment(payment_id=payment.id).disputed == eur(3000)


def test_a_dispute_that_is_won_gives_everything_back():
    payment = captured()
    for said in (TAKEN, WON):
        the_provider_says(payment, disputes=(said,))
    assert books() == {CLEARING: 3000, "customer_deposits": -3000}
    assert get_payment(payment_id=payment.id).disputed == eur(0)
    refund_order(order_id=payment.order_id, reference=payment.id, amount=eur(3000), split=None, reason="")
    assert get_payment(payment_id=payment.id).status == "refunded"


@pytest.mark.parametrize("order", list(permutations([OPENED, TAKEN, WON])))
def test_in_whatever_order_it_is_heard_it_ends_the_same(order):
    payment = captured()
    for said in order:
        the_provider_says(payment, disputes=(said,))
    assert books() == {CLEARING: 3000, "customer_deposits": -3000}
    assert models.Dispute.objects.get().status == "won"
    assert facts() == ["PaymentDisputed", "DisputeClosed"]


def test_an_inquiry_takes_nothing():
    payment = captured()
    the_provider_says(payment, disputes=(a_dispute(DisputeStatus.INQUIRY),))
    assert get_payment(payment_id=payment.id).disputed == eur(0)
    the_provider_says(payment, disputes=(a_dispute(DisputeStatus.CLOSED),))
    assert facts() == ["PaymentDisputed", "DisputeClosed"]
    assert books() == {CLEARING: 3000, "customer_deposits": -3000}


def test_fees_and_exchange_are_booked_once_per_line_of_the_providers_balance():
    payment = captured()
    fee = ObservedMove(reference="txn_1", moved_minor=3000, settled_minor=3000, fee_minor=67, currency="EUR")
    exchanged = ObservedMove(reference="txn_2", moved_minor=-1000, settled_minor=-1100, fee_minor=0, currency="USD")
    the_provider_says(payment, moves=(fee,))
    the_provider_says(payment, moves=(fee, exchanged))
    entries = models.Entry.objects.exclude(posting__kind="capture").order_by("account", "currency")
    assert list(entries.values_list("posting__kind", "account", "currency", "amount_minor")) == [
        ("fee", "fees", "EUR", 67),
        ("exchange", "fx", "EUR", -1000),
        ("exchange", "fx", "USD", 1100),
        ("fee", CLEARING, "EUR", -67),
        ("exchange", CLEARING, "EUR", 1000),
        ("exchange", CLEARING, "USD", -1100),
    ]


def test_a_payout_is_booked_once():
    payout = Payout(reference="po_1", amount=eur(2900), arrived_at=DUE)
    assert [ledger.post_payout("stripe", payout), ledger.post_payout("stripe", payout)] == [True, False]
    assert books() == {"bank": 2900, "provider:stripe:clearing": -2900}


@pytest.mark.parametrize("recognised", ["never", "before", "between"])
def test_a_refund_that_comes_back_is_undone_in_the_books(recognised):
    payment = captured()
    recognise: dict[str, Any] = {"order_id": payment.order_id, "purpose": "order", "split": split_of(3000, tax=479)}
    if recognised == "before":
        recognise_revenue(**recognise)
    reference = payment.id
    refund_order(
        order_id=payment.order_id, reference=reference, amount=eur(1000), split=split_of(1000, tax=160), reason=""
    )
    if recognised == "between":
        recognise_revenue(**recognise)
    refund = models.Refund.objects.get()
    returned = ObservedRefund(
        reference=refund.provider_reference, refund_id=refund.id, status=RefundStatus.FAILED, amount_minor=1000
    )
    the_provider_says(payment, refunds=(returned,))
    if recognised == "never":
        assert books() == {CLEARING: 3000, "customer_deposits": -3000}
    else:
        assert books() == {CLEARING: 3000, "sales": -2521, "tax_payable": -479}
    assert facts() == ["PaymentRefunded", "RefundFailed"]
    assert get_payment(payment_id=payment.id).refunded == eur(0)


def test_another_amount_than_was_asked_for_is_not_taken_for_a_payment():
    payment = captured()
    for wrong in (eur(2999), Money(minor=3000, currency="USD")):
        with pytest.raises(ProviderDisagrees):
            the_provider_says(payment, amount=wrong)
    assert books() == {CLEARING: 3000, "customer_deposits": -3000}


def test_money_that_came_twice_goes_back_once():
    payment = captured()
    first = models.Attempt.objects.get()
    second = models.Attempt.objects.create(
        payment_id=payment.id, number=2, provider="sandbox", created_at=first.created_at
    )
    twice = Observed(reference="sandbox_2", status=AttemptStatus.CAPTURED, captured_minor=3000)
    with atomic(models.Payment):
        record(open_book(payment.id), second.id, twice)
    asked = []

    def refund(charge, refund_id, amount):
        asked.append((charge.attempt_id, amount))
        back = ObservedRefund(
            reference="sandbox_re", refund_id=refund_id, status=RefundStatus.SUCCEEDED, amount_minor=amount.minor
        )
        return replace(twice, refunds=(back,))

    with provider_that(refund=refund):
        assert [refund_surplus(), refund_surplus()] == [1, 0]
    assert asked == [(second.id, eur(3000))]
    now = get_payment(payment_id=payment.id)
    assert (now.captured, now.refunded) == (eur(6000), eur(3000))
    assert books() == {CLEARING: 3000, "customer_deposits": -3000}
