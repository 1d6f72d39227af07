"""Closing a payment before it has taken anything."""

from uuid import UUID

from django.conf import settings
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from modules.payments.contracts import CancelOutcome, PaymentStatus
from modules.payments.logic import attempts
from modules.payments.logic.books import open_book
from modules.payments.logic.recording import fold_again
from modules.payments.models import Payment

OUTCOMES = {
    PaymentStatus.CANCELLED: CancelOutcome.CANCELLED,
    PaymentStatus.AUTHORIZED: CancelOutcome.AUTHORIZED,
    PaymentStatus.CAPTURED: CancelOutcome.CAPTURED,
    PaymentStatus.PARTIALLY_REFUNDED: CancelOutcome.CAPTURED,
    PaymentStatus.REFUNDED: CancelOutcome.CAPTURED,
}


def cancel_payment(*, order_id: UUID, purpose: str) -> CancelOutcome:
    """Close a payment, after asking the provider how it stands; one never seen is closed too. Repeating is safe.

    Money that was taken or authorised stays so, and is the answer. UNKNOWN: the provider does not say; repeat it.
    """
    payment = _close(order_id, purpose)
    if payment.status in OUTCOMES:
        return OUTCOMES[PaymentStatus(payment.status)]
    book = open_book(payment.id)
    try:
        payment = attempts.call_off(book)
    except Unavailable:
        return CancelOutcome.UNKNOWN
    if payment.status == PaymentStatus.FAILED:
        with atomic(Payment):
            payment = fold_again(book)
    return OUTCOMES.get(PaymentStatus(payment.status), CancelOutcome.UNKNOWN)


def _close(order_id: UUID, purpose: str) -> Payment:
    """From now on no new attempt may begin; where there is no payment, a tombstone stands in its place."""
    now = clock.now()
    tombstone = {
        "is_tombstone": True,
        "status": PaymentStatus.CANCELLED.value,
        "currency": settings.DEFAULT_CURRENCY,
        "amount_minor": 0,
        "sales_minor": 0,
        "tax_minor": 0,
        "shipping_minor": 0,
        "payable_until": now,
        "created_at": now,
        "cancel_requested_at": now,
    }
    payment, _ = Payment.objects.get_or_create(order_id=order_id, purpose=purpose, defaults=tombstone)
    if payment.cancel_requested_at is None:
        open_ones = Payment.objects.filter(pk=payment.pk, cancel_requested_at=None)
        open_ones.update(cancel_requested_at=now, version=F("version") + 1)
    return payment
