"""Stripe's objects in our words: pure functions of what it answered.

An intent comes with its latest charge in it, and that with its balance transaction: a payment that succeeded has no
other charge that moved money.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from modules.payments.contracts import Failure
from modules.payments.logic.providers.base import Observed, ObservedDispute, ObservedMove, ObservedRefund
from modules.payments.logic.providers.stripe_amounts import from_stripe
from modules.payments.logic.providers.stripe_client import Answer
from modules.payments.models import AttemptStatus, DisputeStatus, RefundStatus

STATUSES = {
    "requires_payment_method": AttemptStatus.REQUIRES_ACTION,
    "requires_confirmation": AttemptStatus.REQUIRES_ACTION,
    "requires_action": AttemptStatus.REQUIRES_ACTION,
    "processing": AttemptStatus.PROCESSING,
    "requires_capture": AttemptStatus.AUTHORIZED,
    "succeeded": AttemptStatus.CAPTURED,
    "canceled": AttemptStatus.CANCELLED,
}
REFUND_STATUSES = {
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.PENDING,
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
DISPUTE_STATUSES = {
    "warning_needs_response": DisputeStatus.INQUIRY,
    "warning_under_review": DisputeStatus.INQUIRY,
    "warning_closed": DisputeStatus.CLOSED,
    "prevented": DisputeStatus.CLOSED,
    "needs_response": DisputeStatus.NEEDS_RESPONSE,
    "appeal_needs_response": DisputeStatus.NEEDS_RESPONSE,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "appeal_under_review": DisputeStatus.UNDER_REVIEW,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}


def read(intent: Answer, refunds: Sequence[Answer], disputes: Sequence[Answer], return_url: str) -> Observed:
    """All that Stripe says about one attempt."""
    currency = intent["currency"]
    ours = [refund for refund in refunds if _gives_back(refund)]
    return Observed(
        reference=intent["id"],
        status=_status(intent),
        amount=from_stripe(intent["amount"], currency),
        authorized_minor=from_stripe(intent["amount_capturable"], currency).minor,
        captured_minor=from_stripe(intent["amount_received"], currency).minor,
        refunds=tuple(_refund(refund) for refund in reversed(ours)),
        disputes=tuple(_dispute(dispute) for dispute in reversed(disputes)),
        moves=tuple(_moves(intent, ours, disputes)),
        capture_before=_capture_before(intent),
        failure=_failure(intent),
        next_action=_next_action(intent, return_url),
        client_secret=intent.get("client_secret") or "",
    )


def latest_charge(intent: Answer) -> Answer:
    """The charge in an intent; empty where there is none, or only its name."""
    charge = intent.get("latest_charge")
    return charge if isinstance(charge, dict) else {}


def attempt_of(labelled: Answer) -> UUID | None:
    """Which attempt of ours something at Stripe is about."""
    return _uuid(labelled, "attempt_id")


def refund_of(refund: Answer) -> UUID | None:
    """Which refund of ours it is; None for one that was made at Stripe."""
    return _uuid(refund, "refund_id")


def _uuid(labelled: Answer, name: str) -> UUID | None:
    metadata = labelled.get("metadata")
    try:
        return UUID(metadata[name]) if isinstance(metadata, dict) and name in metadata else None
    except (ValueError, TypeError, AttributeError):
        return None


def _status(intent: Answer) -> AttemptStatus:
    # Declined, the intent waits for another method, just as before the first.
    if intent["status"] == "requires_payment_method" and intent.get("last_payment_error"):
        return AttemptStatus.FAILED
    return STATUSES[intent["status"]]


def _failure(intent: Answer) -> Failure | None:
    error = intent.get("last_payment_error")
    if intent["status"] != "requires_payment_method" or not error:
        return None
    code = error.get("decline_code") or error.get("code") or error.get("type") or "declined"
    return Failure(code=code, message=error.get("message") or "The payment was declined.")


def _next_action(intent: Answer, return_url: str) -> dict[str, str] | None:
    action = intent.get("next_action")
    if intent["status"] != "requires_action" or not action:
        return None
    if action["type"] == "redirect_to_url":
        return {"type": "redirect", "url": action["redirect_to_url"]["url"]}
    # Whatever else it is (3-D Secure in a frame, a code to scan), Stripe.js shows it, by the client_secret.
    return {"type": "use_stripe_sdk", "url": return_url}


def _capture_before(intent: Answer) -> datetime | None:
    if intent["status"] != "requires_capture":
        return None
    details = latest_charge(intent).get("payment_method_details") or {}
    return _instant((details.get(details.get("type")) or {}).get("capture_before"))


def _instant(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


def _gives_back(refund: Answer) -> bool:
    """What was authorised and let go stands among the refunds too, but nothing moved: the balance has no line of it."""
    is_release = refund["status"] == "succeeded" and refund.get("balance_transaction") is None
    return not is_release or refund_of(refund) is not None


def _refund(refund: Answer) -> ObservedRefund:
    return ObservedRefund(
        reference=refund["id"],
        refund_id=refund_of(refund),
        status=REFUND_STATUSES[refund["status"]],
        amount_minor=from_stripe(refund["amount"], refund["currency"]).minor,
    )


def _dispute(dispute: Answer) -> ObservedDispute:
    moved = [_moved(line, dispute) for line in _lines(dispute)]
    return ObservedDispute(
        reference=dispute["id"],
        status=DISPUTE_STATUSES[dispute["status"]],
        amount_minor=from_stripe(dispute["amount"], dispute["currency"]).minor,
        withdrawn_minor=-sum(minor for minor in moved if minor < 0),
        reinstated_minor=sum(minor for minor in moved if minor > 0),
        reason=dispute.get("reason") or "",
        evidence_due_at=_instant((dispute.get("evidence_details") or {}).get("due_by")),
    )


def _lines(dispute: Answer) -> Sequence[Answer]:
    return dispute.get("balance_transactions") or ()


def _moved(line: Answer, dispute: Answer) -> int:
    """What a line of the balance moved, in the dispute's currency: where it was exchanged, the disputed amount."""
    if line["currency"] == dispute["currency"]:
        return from_stripe(line["amount"], line["currency"]).minor
    whole = from_stripe(dispute["amount"], dispute["currency"]).minor
    return whole if line["amount"] > 0 else -whole


def _moves(intent: Answer, refunds: Sequence[Answer], disputes: Sequence[Answer]) -> Iterator[ObservedMove]:
    charge = latest_charge(intent)
    if isinstance(line := charge.get("balance_transaction"), dict):
        yield _move(line, from_stripe(charge["amount_captured"], charge["currency"]).minor)
    for refund in reversed(refunds):
        minor = from_stripe(refund["amount"], refund["currency"]).minor
        for name, moved in (("balance_transaction", -minor), ("failure_balance_transaction", minor)):
            if isinstance(line := refund.get(name), dict):
                yield _move(line, moved)
    for dispute in reversed(disputes):
        for line in _lines(dispute):
            yield _move(line, _moved(line, dispute))


def _move(line: Answer, moved_minor: int) -> ObservedMove:
    settled, fee = (from_stripe(line[name], line["currency"]) for name in ("amount", "fee"))
    return ObservedMove(
        reference=line["id"],
        moved_minor=moved_minor,
        settled_minor=settled.minor,
        fee_minor=fee.minor,
        currency=settled.currency,
    )
