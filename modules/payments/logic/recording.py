"""The one writer of a payment's state: what a provider said is kept, the state folded anew, its consequences written.

No lock is held while a payment is read: the write names the version it is based on, and one that comes too late is
done again on what the other has written.
"""

from typing import Any
from uuid import UUID

from django.db.models import F

from ecommerce.kernel import clock, wire
from ecommerce.kernel.events import publish
from ecommerce.kernel.money import Money
from modules.payments.contracts import PaymentStatus, ProviderDisagrees
from modules.payments.events import PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentVoided
from modules.payments.logic import ledger
from modules.payments.logic.aftermath import post_moves, write_dispute, write_refund
from modules.payments.logic.books import Book, digest_of, open_book, to_keep
from modules.payments.logic.folding import State
from modules.payments.logic.providers.base import Observed
from modules.payments.models import OPEN, Attempt, Observation, Payment


def record(book: Book, attempt_id: UUID, observed: Observed) -> Payment:
    """Keep what the provider said, and what follows from it, in the open transaction. Repeating changes nothing.

    Raises ProviderDisagrees when it speaks of another amount than was asked for.
    """
    _compare(book.payment, observed)
    digest = digest_of(observed)
    while digest not in book.said[attempt_id]:
        book.said[attempt_id][digest] = to_keep(observed)
        captured = book.payment.captured_minor
        if _write(book, observed.client_secret):
            _keep(attempt_id, observed, digest)
            _post_capture(book, attempt_id, since=captured)
            break
        book = open_book(book.payment.id)
    return book.payment


def is_recorded(attempt_id: UUID, observed: Observed) -> bool:
    """Whether the very same was said of the attempt before."""
    return Observation.objects.filter(attempt_id=attempt_id, digest=digest_of(observed)).exists()


def fold_again(book: Book) -> Payment:
    """Bring the state up to date with our own intents, in the open transaction. Repeating changes nothing."""
    while not _write(book, book.payment.client_secret):
        book = open_book(book.payment.id)
    return book.payment


def _compare(payment: Payment, observed: Observed) -> None:
    asked = _money(payment, payment.amount_minor)
    if observed.amount is not None and observed.amount != asked:
        raise ProviderDisagrees(expected=asked.minor, said=observed.amount.minor, currency=observed.amount.currency)


def _write(book: Book, client_secret: str) -> bool:
    """The state and what follows from it, or nothing when somebody has changed the payment since it was read."""
    payment, state = book.payment, book.fold()
    columns = _columns(state, client_secret)
    unchanged = Payment.objects.filter(pk=payment.pk, version=payment.version)
    if not unchanged.update(version=F("version") + 1, **columns):
        return False
    _announce(payment, state)
    for name, value in columns.items():
        setattr(payment, name, value)
    payment.version += 1
    for attempt, said in zip(book.attempts, state.attempts, strict=True):
        _write_attempt(attempt, said)
        for refund in said.refunds:
            write_refund(book, attempt, refund)
        for dispute in said.disputes:
            write_dispute(book, attempt, dispute)
        post_moves(payment, attempt, said.moves)
    return True


def _columns(state: State, client_secret: str) -> dict[str, Any]:
    is_open = any(attempt.status in OPEN for attempt in state.attempts)
    return {
        "status": state.status.value,
        "authorized_minor": state.authorized_minor,
        "captured_minor": state.captured_minor,
        "refunded_minor": state.refunded_minor,
        "refund_pending_minor": state.refund_pending_minor,
        "disputed_minor": state.disputed_minor,
        "capture_before": state.capture_before,
        "failure_code": state.failure.code[:100] if state.failure else "",
        "failure_message": state.failure.message[:500] if state.failure else "",
        "next_action": state.next_action,
        "client_secret": client_secret if is_open else "",
    }


def _announce(before: Payment, state: State) -> None:
    """The facts by which `state` goes beyond what was stored."""
    about: dict[str, Any] = {"payment_id": before.id, "order_id": before.order_id, "purpose": before.purpose}
    if state.authorized_minor > before.authorized_minor:
        publish(PaymentAuthorized(**about, authorized=_money(before, state.authorized_minor)))
    if state.captured_minor > before.captured_minor:
        publish(PaymentCaptured(**about, captured=_money(before, state.captured_minor)))
    if before.status == PaymentStatus.AUTHORIZED and state.status in (PaymentStatus.FAILED, PaymentStatus.CANCELLED):
        publish(PaymentVoided(**about))
    elif state.status == PaymentStatus.FAILED != before.status and state.failure:
        publish(PaymentFailed(**about, code=state.failure.code))


def _write_attempt(attempt: Attempt, said: Observed) -> None:
    if (attempt.status, attempt.provider_reference) == (said.status, said.reference):
        return
    attempt.status, attempt.provider_reference = said.status, said.reference
    Attempt.objects.filter(pk=attempt.pk).update(status=said.status, provider_reference=said.reference)


def _keep(attempt_id: UUID, observed: Observed, digest: str) -> None:
    said = wire.to_plain(to_keep(observed))
    Observation.objects.create(attempt_id=attempt_id, said=said, digest=digest, observed_at=clock.now())


def _post_capture(book: Book, attempt_id: UUID, *, since: int) -> None:
    attempt = next(attempt for attempt in book.attempts if attempt.id == attempt_id)
    if book.payment.captured_minor > since:
        ledger.post_capture(book.payment, attempt, book.payment.captured_minor - since)


def _money(payment: Payment, minor: int) -> Money:
    return Money(minor=minor, currency=payment.currency)
