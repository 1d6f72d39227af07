"""Disputes. Follows docs/api/customer-disputes/v1."""

from datetime import timedelta

from tests.fakes.paypal.books import Books
from tests.fakes.paypal.http import Answer, Json, Problem, Request, new_id, not_found, now, stamp

# docs/disputes/process-disputes: a seller has ten days to answer.
TIME_TO_ANSWER = timedelta(days=10)
SUMMARY = ("dispute_id", "reason", "status", "dispute_state", "dispute_amount", "dispute_life_cycle_stage")


def open_one(
    books: Books, capture_id: str, *, reason: str = "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", stage: str = "CHARGEBACK"
) -> str:
    """The buyer disputes a payment; in an inquiry no money moves yet, in a chargeback it is taken back at once."""
    capture, moment = books.captures[capture_id], now()
    dispute_id = f"PP-R-{new_id()[:3]}-{int(moment.timestamp()) % 10**8}"
    dispute = {
        "dispute_id": dispute_id,
        "create_time": stamp(moment),
        "update_time": stamp(moment),
        "disputed_transactions": [
            {
                "seller_transaction_id": capture_id,
                "custom": capture["custom_id"],
                "invoice_number": capture["invoice_id"],
                "gross_amount": capture["amount"],
            }
        ],
        "reason": reason,
        "status": "WAITING_FOR_SELLER_RESPONSE",
        "dispute_state": "REQUIRED_ACTION",
        "dispute_amount": capture["amount"],
        "dispute_life_cycle_stage": stage,
        "seller_response_due_date": stamp(moment + TIME_TO_ANSWER),
        "money_movements": [],
    }
    books.disputes[dispute_id] = dispute
    if stage != "INQUIRY":
        _move(dispute, "DEBIT")
    books.tell("CUSTOMER.DISPUTE.CREATED", "dispute", dispute)
    return dispute_id


def review(books: Books, dispute_id: str) -> None:
    """The seller has answered: PayPal looks into it."""
    dispute = books.disputes[dispute_id]
    dispute["status"], dispute["dispute_state"] = "UNDER_REVIEW", "UNDER_PAYPAL_REVIEW"
    books.tell("CUSTOMER.DISPUTE.UPDATED", "dispute", dispute)


def resolve(books: Books, dispute_id: str, outcome: str) -> None:
    """dispute_outcome.outcome_code: RESOLVED_SELLER_FAVOUR, RESOLVED_BUYER_FAVOUR, CANCELED_BY_BUYER …"""
    dispute = books.disputes[dispute_id]
    dispute["status"], dispute["dispute_state"] = "RESOLVED", "RESOLVED"
    dispute["dispute_outcome"] = {"outcome_code": outcome}
    taken = bool(dispute["money_movements"])
    if outcome == "RESOLVED_BUYER_FAVOUR" and not taken:
        _move(dispute, "DEBIT")
    elif outcome != "RESOLVED_BUYER_FAVOUR" and taken:
        _move(dispute, "CREDIT")
    books.tell("CUSTOMER.DISPUTE.RESOLVED", "dispute", dispute)


def list_some(books: Books, request: Request) -> Answer:
    """GET /v1/customer/disputes?disputed_transaction_id=…: summaries."""
    _check(books)
    wanted = request.query.get("disputed_transaction_id")
    items = [
        {key: one[key] for key in SUMMARY}
        for one in books.disputes.values()
        if wanted in (None, one["disputed_transactions"][0]["seller_transaction_id"])
    ]
    return Answer(200, lambda request: {"items": items, "links": []})


def get(books: Books, request: Request, dispute_id: str) -> Answer:
    """GET /v1/customer/disputes/{id}: all of it."""
    _check(books)
    if dispute_id not in books.disputes:
        raise not_found()
    return Answer(200, lambda request: books.disputes[dispute_id])


def _check(books: Books) -> None:
    """The app has to have the feature "Customer disputes"."""
    if not books.account.may_see_disputes:
        raise Problem(403, "NOT_AUTHORIZED", "PERMISSION_DENIED")


def _move(dispute: Json, kind: str) -> None:
    dispute["money_movements"].append(
        {
            "affected_party": "SELLER",
            "type": kind,
            "amount": dispute["dispute_amount"],
            "reason": "DISPUTE_SETTLEMENT",
            "initiated_time": stamp(now()),
        }
    )
