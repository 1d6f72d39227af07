"""What comes after a capture, as the provider has it: refunds, disputes, and what it kept. Written by recording.py."""

from collections.abc import Iterable
from typing import Any

from ecommerce.kernel import clock
from ecommerce.kernel.events import publish
from ecommerce.kernel.money import Money
from modules.payments.events import DisputeClosed, PaymentDisputed, PaymentRefunded, RefundFailed
from modules.payments.logic import ledger
from modules.payments.logic.books import Book
from modules.payments.logic.providers.base import ObservedDispute, ObservedMove, ObservedRefund
from modules.payments.models import Attempt, Dispute, DisputeStatus, Payment, Posting, Refund, RefundStatus

ENDED = (DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.CLOSED)


def write_refund(book: Book, attempt: Attempt, seen: ObservedRefund) -> None:
    """One refund as the provider has it: one of ours, or one that was made there."""
    refund = _find_refund(book, seen)
    before = refund.status
    if (before, refund.provider_reference) == (seen.status, seen.reference):
        return
    refund.status, refund.provider_reference = seen.status, seen.reference
    Refund.objects.filter(pk=refund.pk).update(status=seen.status, provider_reference=seen.reference)
    if seen.status == RefundStatus.SUCCEEDED != before:
        ledger.post_refund(book.payment, refund, attempt.provider)
        _announce_refund(book.payment, refund)
    if seen.status == RefundStatus.FAILED != before:
        if before == RefundStatus.SUCCEEDED:
            ledger.post_refund_returned(book.payment, refund, attempt.provider)
        _announce_failed_refund(book.payment, refund)


def write_dispute(book: Book, attempt: Attempt, seen: ObservedDispute) -> None:
    """One dispute as the provider has it, and in the books."""
    before = Dispute.objects.filter(provider=attempt.provider, provider_reference=seen.reference).first()
    said: dict[str, Any] = {
        "status": seen.status,
        "amount_minor": seen.amount_minor,
        "withdrawn_minor": seen.withdrawn_minor,
        "reinstated_minor": seen.reinstated_minor,
        "reason": seen.reason[:100],
        "evidence_due_at": seen.evidence_due_at,
    }
    if before is None:
        known = {"payment": book.payment, "provider": attempt.provider, "provider_reference": seen.reference}
        dispute = Dispute.objects.create(**known, **said, opened_at=clock.now())
    else:
        dispute = Dispute.objects.get(pk=before.pk)
        for name, value in said.items():
            setattr(dispute, name, value)
        dispute.save(update_fields=list(said))
    ledger.post_dispute(book.payment, before, dispute)
    _announce_dispute(book.payment, before, dispute)


def post_moves(payment: Payment, attempt: Attempt, moves: Iterable[ObservedMove]) -> None:
    """What the provider kept and exchanged, each line of its balance once."""
    by_reference = {f"{attempt.provider}:{move.reference}": move for move in moves}
    if not by_reference:
        return
    posted = Posting.objects.filter(kind__in=("fee", "exchange"), reference__in=by_reference)
    for reference in by_reference.keys() - set(posted.values_list("reference", flat=True)):
        ledger.post_move(payment, attempt.provider, by_reference[reference])


def _find_refund(book: Book, seen: ObservedRefund) -> Refund:
    for refund in book.refunds:
        if refund.id == seen.refund_id or refund.provider_reference == seen.reference:
            return refund
    refund = Refund.objects.create(
        payment=book.payment, amount_minor=seen.amount_minor, reason="Made at the provider.", created_at=clock.now()
    )
    book.refunds.append(refund)
    return refund


def _announce_refund(payment: Payment, refund: Refund) -> None:
    refunded = Money(minor=payment.refunded_minor, currency=payment.currency)
    publish(PaymentRefunded(**_about(payment), reference=refund.reference, refunded=refunded))


def _announce_failed_refund(payment: Payment, refund: Refund) -> None:
    if refund.reference is not None:
        amount = Money(minor=refund.amount_minor, currency=payment.currency)
        publish(RefundFailed(**_about(payment), reference=refund.reference, amount=amount))


def _announce_dispute(payment: Payment, before: Dispute | None, dispute: Dispute) -> None:
    about = _about(payment) | {"dispute_id": dispute.pk}
    if before is None:
        amount = Money(minor=dispute.amount_minor, currency=payment.currency)
        due = dispute.evidence_due_at
        publish(PaymentDisputed(**about, amount=amount, reason=dispute.reason, evidence_due_at=due))
    if dispute.status in ENDED and (before is None or before.status not in ENDED):
        publish(DisputeClosed(**about, outcome=dispute.status))


def _about(payment: Payment) -> dict[str, Any]:
    return {"payment_id": payment.id, "order_id": payment.order_id, "purpose": payment.purpose}
