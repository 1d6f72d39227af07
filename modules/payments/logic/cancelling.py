"""Closing a payment before it has taken anything."""

from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from modules.payments.contracts import CancelOutcome, PaymentNotVoidable, PaymentStatus
from modules.payments.logic import attempts, authorizations
from modules.payments.logic.books import Book, open_book
from modules.payments.logic.recording import fold_again
from modules.payments.models import AttemptStatus, Payment

OUTCOMES = {
    PaymentStatus.CANCELLED: CancelOutcome.CANCELLED,
    PaymentStatus.AUTHORIZED: CancelOutcome.AUTHORIZED,
    PaymentStatus.CAPTURED: CancelOutcome.CAPTURED,
    PaymentStatus.PARTIALLY_REFUNDED: CancelOutcome.CAPTURED,
    PaymentStatus.REFUNDED: CancelOutcome.CAPTURED,
}


def cancel_payment(*, order_id: UUID, purpose: str, even_authorized: bool = False) -> CancelOutcome:
    """Close a payment, after asking the provider how it stands; one never seen is closed too. Repeating is safe.

    Money that was taken stays so, and is the answer; what is only authorised is let go with `even_authorized`, else it
    stays as well. UNKNOWN: the provider does not say; repeat it.
    """
    payment = _close(order_id, purpose)
    if payment.status not in OUTCOMES:
        payment = _call_off(open_book(payment.id))
    if even_authorized and payment.status == PaymentStatus.AUTHORIZED:
        payment = _void(payment)
    return OUTCOMES.get(PaymentStatus(payment.status), CancelOutcome.UNKNOWN)


def _call_off(book: Book) -> Payment:
    payment = book.payment
    if any(attempt.status != AttemptStatus.CANCELLED for attempt in book.attempts):
        try:
            payment = attempts.call_off(book)
        except Unavailable:
            return payment
    if payment.status != PaymentStatus.FAILED:
        return payment
    with atomic(Payment):
        return fold_again(book)


def _void(payment: Payment) -> Payment:
    # Something else was decided on meanwhile, or the provider does not say: the caller asks again.
    with suppress(PaymentNotVoidable, Unavailable):
        authorizations.void_payment(payment_id=payment.pk)
    return Payment.objects.get(pk=payment.pk)


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
