"""What the buyer does: go on with a payment that waits for him, or try again after a decline."""

from uuid import UUID

from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.money import Money
from modules.payments.contracts import Payment, PaymentClosed, PaymentExpired, PaymentNotRetryable, PaymentStatus
from modules.payments.logic import attempts
from modules.payments.logic.books import Book, open_book
from modules.payments.logic.providers import find_provider
from modules.payments.logic.records import as_contract
from modules.payments.logic.saved_methods import find_customer
from modules.payments.models import Attempt, AttemptStatus
from modules.payments.models import Payment as PaymentRow


def confirm_payment(*, payment_id: UUID, method: str | None = None) -> Payment:
    """Go on after the buyer has done his part. Repeating, or confirming what does not wait, changes nothing."""
    book = open_book(payment_id)
    if _is_to_be_cancelled(book):
        return as_contract(book.payment)
    if book.last_attempt.status == AttemptStatus.FAILED:
        # At the provider's he may have tried another card since.
        return as_contract(attempts.refetch(book))
    if not attempts.is_open(book.last_attempt):
        return as_contract(book.payment)
    if attempts.is_unanswered(book.last_attempt):
        return as_contract(attempts.begin_again(book))
    return as_contract(attempts.go_on(book, method))


def retry_payment(*, payment_id: UUID, provider: str | None = None, method: str | None = None) -> Payment:
    """Try again after a decline. A repetition whose answer was lost goes on with the same attempt.

    Raises PaymentExpired after payable_until, PaymentClosed, PaymentNotRetryable for one that was not declined, and
    ProviderNotAvailable, MethodNotAvailable or AmountNotChargeable.
    """
    book = open_book(payment_id)
    if _is_to_be_cancelled(book):
        raise PaymentClosed
    if attempts.is_unanswered(book.last_attempt):
        return as_contract(attempts.begin_again(book))
    _refuse_unless_declined(book.payment)
    name = provider or book.payment.provider
    asked = find_provider(name)
    method = asked.method_for(method)
    asked.check_amount(Money(minor=book.payment.amount_minor, currency=book.payment.currency))
    # Declined, as far as we have heard: a new attempt only when the last one can take nothing any more.
    payment = attempts.call_off(book) if book.last_attempt.status == AttemptStatus.FAILED else book.payment
    if payment.status != PaymentStatus.FAILED:
        return as_contract(payment)
    book = _open_attempt(payment, book.last_attempt.number + 1, name, method)
    return as_contract(attempts.begin(book))


def _is_to_be_cancelled(book: Book) -> bool:
    """From then on nobody helps it to collect, whether or not the provider has answered yet."""
    return book.payment.cancel_requested_at is not None


def _refuse_unless_declined(payment: PaymentRow) -> None:
    if payment.status != PaymentStatus.FAILED:
        raise PaymentNotRetryable(status=payment.status)
    if clock.now() >= payment.payable_until:
        raise PaymentExpired


def _open_attempt(payment: PaymentRow, number: int, provider: str, method: str) -> Book:
    """A new attempt, unless somebody else has opened one or closed the payment since it was read."""
    unchanged = PaymentRow.objects.filter(pk=payment.pk, version=payment.version)
    pending = {"status": PaymentStatus.PENDING.value, "provider": provider, "failure_code": "", "failure_message": ""}
    with atomic(PaymentRow):
        if not unchanged.update(version=F("version") + 1, **pending):
            raise PaymentNotRetryable(status=PaymentStatus.PENDING)
        Attempt.objects.create(
            payment=payment,
            number=number,
            provider=provider,
            method=method,
            customer=find_customer(payment.payer_id, provider),
            created_at=clock.now(),
        )
    return open_book(payment.id)
