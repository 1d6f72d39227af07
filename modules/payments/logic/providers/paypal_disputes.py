"""Disputes at PayPal in our words. https://developer.paypal.com/docs/api/customer-disputes/v1/

They are asked for when an attempt is fetched and its money is more than a minute old: one call more, and one for each
dispute, since the list holds no movements of money. So no dispute is missed when its webhook is lost, while a buyer who
pays waits for no such question. An app without the feature "Customer disputes" is told to get it, in the log.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from ecommerce.kernel import clock
from modules.payments.logic.providers.base import ObservedDispute
from modules.payments.logic.providers.paypal_amounts import from_paypal
from modules.payments.logic.providers.paypal_client import RefusedByPayPal, ask
from modules.payments.models import DisputeStatus

log = structlog.get_logger(__name__)

Json = dict[str, Any]

# Nobody can dispute a payment in its first moments.
TOO_NEW = timedelta(minutes=1)
LOST = frozenset({"RESOLVED_BUYER_FAVOUR", "ACCEPTED"})
BEING_LOOKED_INTO = frozenset({"UNDER_REVIEW", "WAITING_FOR_BUYER_RESPONSE"})


def of_captures(captures: Sequence[Json]) -> tuple[ObservedDispute, ...]:
    """The disputes about these captures."""
    old_enough = clock.now() - TOO_NEW
    due = [one for one in captures if datetime.fromisoformat(one["create_time"]) <= old_enough]
    try:
        return tuple(_read(_get(summary)) for capture in due for summary in _list(capture["id"]))
    except RefusedByPayPal as refusal:
        log.warning("paypal_tells_no_disputes", issue=refusal.issue)
        return ()


def _list(capture_id: str) -> list[Json]:
    params = {"disputed_transaction_id": capture_id, "page_size": "50"}
    items: list[Json] = ask("GET", "/v1/customer/disputes", params=params).get("items", [])
    return items


def _get(summary: Json) -> Json:
    return ask("GET", f"/v1/customer/disputes/{summary['dispute_id']}")


def _read(dispute: Json) -> ObservedDispute:
    amount = from_paypal(dispute["dispute_amount"])
    withdrawn = _moved(dispute, "DEBIT", amount.currency)
    due = dispute.get("seller_response_due_date")
    return ObservedDispute(
        reference=dispute["dispute_id"],
        status=_status(dispute, withdrawn),
        amount_minor=amount.minor,
        withdrawn_minor=withdrawn,
        reinstated_minor=_moved(dispute, "CREDIT", amount.currency),
        reason=str(dispute.get("reason", "")).lower(),
        evidence_due_at=datetime.fromisoformat(due) if due else None,
    )


def _status(dispute: Json, withdrawn: int) -> DisputeStatus:
    if dispute["status"] == "RESOLVED":
        outcome = dispute.get("dispute_outcome", {}).get("outcome_code")
        if outcome in LOST:
            return DisputeStatus.LOST
        return DisputeStatus.WON if withdrawn else DisputeStatus.CLOSED
    if dispute.get("dispute_life_cycle_stage") == "INQUIRY" and not withdrawn:
        return DisputeStatus.INQUIRY
    return DisputeStatus.UNDER_REVIEW if dispute["status"] in BEING_LOOKED_INTO else DisputeStatus.NEEDS_RESPONSE


def _moved(dispute: Json, kind: str, currency: str) -> int:
    """What was taken from us, or given back, of the disputed amount; PayPal's own fees are not part of it."""
    return sum(
        from_paypal(move["amount"]).minor
        for move in dispute.get("money_movements", [])
        if move.get("affected_party") == "SELLER"
        and move.get("type") == kind
        and move["amount"]["currency_code"] == currency
        and "FEE" not in str(move.get("reason", ""))
    )
