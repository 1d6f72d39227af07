"""A payment's state out of what its provider has said and what we have asked for: a pure function.

Observations are joined, so neither their order nor their repetition matters: of an attempt the furthest status counts,
of its amounts the largest, of each refund the furthest status.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from ecommerce.kernel import wire
from modules.payments.contracts import Failure, PaymentStatus
from modules.payments.logic.providers.base import Observed, ObservedRefund
from modules.payments.models import AttemptStatus, RefundStatus

# A decline may be followed by another card, a cancellation by nothing, but money that has moved has moved. A refund
# that succeeded stays so.
KNOWLEDGE = {status: rank for rank, status in enumerate(AttemptStatus)}
REFUND_KNOWLEDGE = {RefundStatus.PENDING: 0, RefundStatus.FAILED: 1, RefundStatus.SUCCEEDED: 2}


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
    )


NOTHING_SAID = Observed(reference="", status=AttemptStatus.STARTED)


def _join_refunds(refunds: Iterable[ObservedRefund]) -> tuple[ObservedRefund, ...]:
    furthest: dict[str, ObservedRefund] = {}
    for refund in refunds:
        known = furthest.get(refund.reference)
        furthest[refund.reference] = refund if known is None else max(known, refund, key=_refund_order)
    return tuple(furthest[reference] for reference in sorted(furthest))


def _refund_order(refund: ObservedRefund) -> tuple[int, bytes]:
    return REFUND_KNOWLEDGE[refund.status], wire.encode(refund)


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
