"""Asking a provider about one attempt, and keeping its answer. Never inside a transaction."""

from collections.abc import Callable

from django.conf import settings

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.money import Money
from modules.payments.contracts import Failure, ProviderUnreachable
from modules.payments.logic.books import Book
from modules.payments.logic.providers import find_provider
from modules.payments.logic.providers.base import Charge, Observed, Provider
from modules.payments.logic.recording import record
from modules.payments.models import OPEN, Attempt, AttemptStatus, Payment

# The type of a `next_action` that is ours: the provider waits to be told to take the money.
APPROVED = "confirm"

Question = Callable[[Provider, Charge], Observed | None]


def begin(book: Book) -> Payment:
    """Have the provider begin the last attempt, for the first time.

    Raises Unavailable when the outcome is not known, and ProviderUnreachable when nothing was asked: then the attempt
    has ended, so that the payment can be cancelled without the provider.
    """
    try:
        return _ask(book, lambda provider, charge: provider.create(charge))
    except ProviderUnreachable as error:
        _end_unsent(book, error)
        raise


def begin_again(book: Book) -> Payment:
    """The same for an attempt whose answer never came: the provider gives it again. Raises Unavailable."""
    attempt = book.last_attempt
    # From here on it may have been sent by us, whoever else found that he could not.
    started = Attempt.objects.filter(pk=attempt.pk, status=AttemptStatus.STARTED)
    if not started.update(was_repeated=True):
        return Payment.objects.get(pk=book.payment.pk)
    try:
        return _ask(book, lambda provider, charge: provider.create(charge))
    except ProviderUnreachable as error:
        raise Unavailable(error.detail, **error.details) from error


def go_on(book: Book, method: str | None) -> Payment:
    """Have the provider go on with the last attempt after the buyer has done his part. Raises Unavailable."""
    return _ask(book, lambda provider, charge: provider.confirm(charge, method))


def refetch(book: Book) -> Payment:
    """Ask what became of the last attempt, and go on with it where it only waits for us. Raises Unavailable."""
    return look_after(book, book.last_attempt)


def look_after(book: Book, attempt: Attempt) -> Payment:
    """Ask how an attempt stands. One that the buyer has approved (he may have closed his window since) is gone on with,
    unless it, or the payment, was cancelled meanwhile. Raises Unavailable."""
    observed = observe(book.payment, attempt)
    return _record(book, attempt, observed)


def observe(payment: Payment, attempt: Attempt) -> Observed | None:
    """The same without recording it."""
    provider, charge = find_provider(attempt.provider), charge_of(payment, attempt)
    observed = provider.fetch(charge)
    is_over = payment.cancel_requested_at is not None or attempt.status == AttemptStatus.CANCELLED
    if observed is None or is_over or not is_approved(observed):
        return observed
    return provider.confirm(charge, None)


def is_approved(observed: Observed) -> bool:
    """Whether the buyer has done his part at the provider's, and nothing but our own call is missing."""
    return observed.next_action is not None and observed.next_action.get("type") == APPROVED


def call_off(book: Book) -> Payment:
    """Cancel the last attempt, unless money is there already. Raises Unavailable.

    A declined one is cancelled too: at the provider's the buyer could still pay it with another card.
    """
    return _ask(book, _cancel_if_open)


def charge_of(payment: Payment, attempt: Attempt) -> Charge:
    """An attempt as its provider is asked for it."""
    return Charge(
        attempt_id=attempt.id,
        payment_id=payment.id,
        order_id=payment.order_id,
        amount=Money(minor=payment.amount_minor, currency=payment.currency),
        method=attempt.method,
        reference=attempt.provider_reference,
        captures_later=payment.captures_later,
        customer=attempt.customer,
        return_url=f"{settings.STOREFRONT_URL}/payments/{payment.id}/return/",
    )


def is_open(attempt: Attempt) -> bool:
    """Whether the attempt may still take money by itself."""
    return attempt.status in OPEN


def is_unanswered(attempt: Attempt) -> bool:
    """Whether the provider was asked, and its answer never came."""
    return attempt.status == AttemptStatus.STARTED


def _end_unsent(book: Book, error: ProviderUnreachable) -> None:
    attempt, failure = book.last_attempt, Failure(code=error.code, message=error.detail)
    with atomic(Payment):
        unsent = Attempt.objects.filter(pk=attempt.pk, status=AttemptStatus.STARTED, was_repeated=False)
        if unsent.update(status=AttemptStatus.CANCELLED):
            record(book, attempt.id, Observed(reference="", status=AttemptStatus.CANCELLED, failure=failure))


def _ask(book: Book, question: Question) -> Payment:
    attempt = book.last_attempt
    return _record(book, attempt, question(find_provider(attempt.provider), charge_of(book.payment, attempt)))


def _record(book: Book, attempt: Attempt, observed: Observed | None) -> Payment:
    if observed is None:
        return book.payment
    with atomic(Payment):
        return record(book, attempt.id, observed)


def _cancel_if_open(provider: Provider, charge: Charge) -> Observed:
    found = provider.fetch(charge)
    if found is None or found.status in (
        AttemptStatus.STARTED,
        AttemptStatus.REQUIRES_ACTION,
        AttemptStatus.PROCESSING,
        AttemptStatus.FAILED,
    ):
        return provider.cancel(charge)
    return found
