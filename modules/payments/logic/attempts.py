"""Asking a provider about one attempt, and keeping its answer. Never inside a transaction."""

from collections.abc import Callable

from ecommerce.kernel.db import atomic
from ecommerce.kernel.money import Money
from modules.payments.logic.books import Book
from modules.payments.logic.providers import find_provider
from modules.payments.logic.providers.base import Charge, Observed, Provider
from modules.payments.logic.recording import record
from modules.payments.models import OPEN, Attempt, AttemptStatus, Payment

Question = Callable[[Provider, Charge], Observed | None]


def begin(book: Book) -> Payment:
    """Have the provider begin the last attempt; once it has, the same answer again. Raises Unavailable."""
    return _ask(book, lambda provider, charge: provider.create(charge))


def go_on(book: Book, method: str | None) -> Payment:
    """Have the provider go on with the last attempt after the buyer has done his part. Raises Unavailable."""
    return _ask(book, lambda provider, charge: provider.confirm(charge, method))


def refetch(book: Book) -> Payment:
    """Ask what became of the last attempt. Raises Unavailable."""
    return _ask(book, lambda provider, charge: provider.fetch(charge))


def call_off(book: Book) -> Payment:
    """Cancel the last attempt, unless money is on its way already. Raises Unavailable."""
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
    )


def is_open(attempt: Attempt) -> bool:
    """Whether the attempt may still take money by itself."""
    return attempt.status in OPEN


def is_unanswered(attempt: Attempt) -> bool:
    """Whether the provider was asked, and its answer never came."""
    return attempt.status == AttemptStatus.STARTED


def _ask(book: Book, question: Question) -> Payment:
    attempt = book.last_attempt
    observed = question(find_provider(attempt.provider), charge_of(book.payment, attempt))
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
    ):
        return provider.cancel(charge)
    return found
