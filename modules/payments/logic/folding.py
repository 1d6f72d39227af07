"""A payment's state out of what its provider has said and what we have asked for: a pure function.

Observations are joined, so neither their order nor their repetition matters: of an attempt the furthest status counts,
of its amounts the largest, of each refund the furthest status.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from ecommerce.kernel import wire
from modules.payments.contracts import Failure, PaymentStatus
from modules.payments.logic.providers.base import Observed, ObservedDispute, ObservedMove, ObservedRefund
from modules.payments.models import AttemptStatus, DisputeStatus, RefundStatus

# A decline may be followed by another card, a cancellation by nothing, but money that has moved has moved.
KNOWLEDGE = {status: rank for rank, status in enumerate(AttemptStatus)}
# A refund that went out may come back from the buyer's bank days later: then it has failed for good.
REFUND_KNOWLEDGE = {status: rank for rank, status in enumerate(RefundStatus)}
DISPUTE_KNOWLEDGE = {status: rank for rank, status in enumerate(DisputeStatus)}
UNDECIDED = (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW)


@dataclass(frozen=True, kw_only=True)
class RefundIntent:
    """A refund we have decided on; until the provider says how it ended its amount is reserved."""

    id: UUID
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class State:
    """What is known of a payment; `attempts` are in the order they were given."""

    status: PaymentStatus
    authorized_minor: int
    captured_minor: int
    refunded_minor: int
    refund_pending_minor: int
    disputed_minor: int
    capture_before: datetime | None
    failure: Failure | None
    next_action: dict[str, str] | None
    attempts: tuple[Observed, ...]


def fold(
    attempts: Sequence[Iterable[Observed]], intents: Iterable[RefundIntent] = (), *, cancel_requested: bool = False
) -> State:
    """The state of a payment from the observations of each of its attempts (oldest first) and our own intents."""
    joined = tuple(join(observations) for observations in attempts)
    last = joined[-1] if joined else NOTHING_SAID
    captured = sum(attempt.captured_minor for attempt in joined)
    refunded = _sum_of_refunds(joined, RefundStatus.SUCCEEDED)
    status = _status(joined, captured, refunded, cancel_requested=cancel_requested)
    return State(
        status=status,
        authorized_minor=sum(attempt.authorized_minor for attempt in joined),
        captured_minor=captured,
        refunded_minor=refunded,
        refund_pending_minor=_reserved(joined, intents),
        disputed_minor=sum(held_by(dispute) for attempt in joined for dispute in attempt.disputes),
        capture_before=last.capture_before if status == PaymentStatus.AUTHORIZED else None,
        failure=_failure(last) if status == PaymentStatus.FAILED else None,
        next_action=last.next_action if status == PaymentStatus.REQUIRES_ACTION else None,
        attempts=joined,
    )


def join(observations: Iterable[Observed]) -> Observed:
    """All that was said about one attempt as one observation."""
    said = list(observations)
    if not said:
        return NOTHING_SAID
    furthest = max(said, key=lambda one: (KNOWLEDGE[one.status], wire.encode(one)))
    return replace(
        furthest,
        reference=max(one.reference for one in said),
        authorized_minor=max(one.authorized_minor for one in said),
        captured_minor=max(one.captured_minor for one in said),
        refunds=_join_refunds(refund for one in said for refund in one.refunds),
        disputes=_join_disputes(dispute for one in said for dispute in one.disputes),
        moves=_join_moves(move for one in said for move in one.moves),
    )


def held_by(dispute: ObservedDispute) -> int:
    """What a dispute holds of a payment, or has taken for good: all of it while it is undecided."""
    taken = dispute.withdrawn_minor - dispute.reinstated_minor
    return max(taken, dispute.amount_minor) if dispute.status in UNDECIDED else taken


NOTHING_SAID = Observed(reference="", status=AttemptStatus.STARTED)


def _join_refunds(refunds: Iterable[ObservedRefund]) -> tuple[ObservedRefund, ...]:
    furthest: dict[str, ObservedRefund] = {}
    for refund in refunds:
        known = furthest.get(refund.reference)
        furthest[refund.reference] = refund if known is None else max(known, refund, key=_refund_order)
    return tuple(furthest[reference] for reference in sorted(furthest))


def _refund_order(refund: ObservedRefund) -> tuple[int, bytes]:
    return REFUND_KNOWLEDGE[refund.status], wire.encode(refund)


def _join_disputes(disputes: Iterable[ObservedDispute]) -> tuple[ObservedDispute, ...]:
    joined: dict[str, ObservedDispute] = {}
    for dispute in disputes:
        known = joined.get(dispute.reference, dispute)
        joined[dispute.reference] = replace(
            max(known, dispute, key=_dispute_order),
            amount_minor=max(known.amount_minor, dispute.amount_minor),
            withdrawn_minor=max(known.withdrawn_minor, dispute.withdrawn_minor),
            reinstated_minor=max(known.reinstated_minor, dispute.reinstated_minor),
        )
    return tuple(joined[reference] for reference in sorted(joined))


def _dispute_order(dispute: ObservedDispute) -> tuple[int, bytes]:
    # Its amounts are joined on their own: here they would make the order of two observations matter.
    said = replace(dispute, amount_minor=0, withdrawn_minor=0, reinstated_minor=0)
    return DISPUTE_KNOWLEDGE[dispute.status], wire.encode(said)


def _join_moves(moves: Iterable[ObservedMove]) -> tuple[ObservedMove, ...]:
    """A line of a balance is never changed once it is there."""
    joined = {move.reference: move for move in sorted(moves, key=wire.encode)}
    return tuple(joined[reference] for reference in sorted(joined))


def _sum_of_refunds(attempts: Iterable[Observed], status: RefundStatus) -> int:
    return sum(refund.amount_minor for one in attempts for refund in one.refunds if refund.status == status)


def _reserved(attempts: Iterable[Observed], intents: Iterable[RefundIntent]) -> int:
    settled = {r.refund_id for one in attempts for r in one.refunds if r.status != RefundStatus.PENDING}
    return sum(intent.amount_minor for intent in intents if intent.id not in settled)


def _status(attempts: Sequence[Observed], captured: int, refunded: int, *, cancel_requested: bool) -> PaymentStatus:
    if captured:
        return _status_of_captured(captured, refunded)
    found = {attempt.status for attempt in attempts}
    if AttemptStatus.AUTHORIZED in found:
        return PaymentStatus.AUTHORIZED
    if AttemptStatus.REQUIRES_ACTION in found:
        return PaymentStatus.REQUIRES_ACTION
    if found & {AttemptStatus.STARTED, AttemptStatus.PROCESSING}:
        return PaymentStatus.PENDING
    # An attempt the provider gave up by itself is a failed one: the buyer may try again until we close the payment.
    return PaymentStatus.CANCELLED if cancel_requested else PaymentStatus.FAILED


def _status_of_captured(captured: int, refunded: int) -> PaymentStatus:
    if refunded >= captured:
        return PaymentStatus.REFUNDED
    return PaymentStatus.PARTIALLY_REFUNDED if refunded else PaymentStatus.CAPTURED


def _failure(attempt: Observed) -> Failure:
    return attempt.failure or Failure(code="cancelled", message="The payment was not completed.")
