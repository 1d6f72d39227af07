"""Refunds. Follows docs/api/payments/v2, "Refund captured payment" and "Refunds"."""

from decimal import Decimal

from tests.fakes.paypal import amounts, captures
from tests.fakes.paypal.books import Books
from tests.fakes.paypal.http import Answer, Json, Request, new_id, not_found, now, stamp, unprocessable

REFUNDABLE = ("COMPLETED", "PARTIALLY_REFUNDED")


def create(books: Books, request: Request, capture_id: str) -> Answer:
    """POST /v2/payments/captures/{id}/refund: without `amount` all that is left."""
    refund = add(books, capture_id, request.body)
    return Answer(201, lambda request: show(books, request, refund["id"]))


def add(books: Books, capture_id: str, body: Json) -> Json:
    """A refund through the API, or by staff on PayPal's site, which is recorded just the same."""
    capture = captures.find(books, capture_id)
    if capture["status"] == "REFUNDED":
        raise unprocessable("CAPTURE_FULLY_REFUNDED")
    if capture["status"] not in REFUNDABLE:
        raise unprocessable("TRANSACTION_REFUSED")
    left = amounts.value_of(capture["amount"]) - _returned(books, capture_id)
    currency = capture["amount"]["currency_code"]
    value, asked_in = amounts.read(body.get("amount") or amounts.write(left, currency))
    if asked_in != currency:
        raise unprocessable("REFUND_CAPTURE_CURRENCY_MISMATCH")
    if value > left:
        raise unprocessable("REFUND_AMOUNT_EXCEEDED")
    refund = _new(capture, body, amounts.write(value, currency))
    books.refunds[refund["id"]] = refund
    if books.bank.holds_refunds:
        books.tell("PAYMENT.REFUND.PENDING", "refund", refund)
    else:
        complete(books, refund["id"])
    return refund


def complete(books: Books, refund_id: str) -> None:
    """The money has gone back; seller_payable_breakdown says what of the fee PayPal returns (nothing of it)."""
    refund = books.refunds[refund_id]
    refund["status"], refund["update_time"] = "COMPLETED", stamp(now())
    refund["seller_payable_breakdown"] = _payable(books, refund)
    capture_id = refund["capture_id"]
    capture = books.captures[capture_id]
    whole = _returned(books, capture_id) >= amounts.value_of(capture["amount"])
    capture["status"] = "REFUNDED" if whole else "PARTIALLY_REFUNDED"
    books.transactions.append(_line(refund))
    books.tell("PAYMENT.CAPTURE.REFUNDED", "refund", document(books, None, refund_id))


def fail(books: Books, refund_id: str) -> None:
    """docs/api/payments/v2, refund status FAILED; webhook event PAYMENT.REFUND.FAILED."""
    books.refunds[refund_id]["status"] = "FAILED"
    books.tell("PAYMENT.REFUND.FAILED", "refund", document(books, None, refund_id))


def get(books: Books, request: Request, refund_id: str) -> Answer:
    """GET /v2/payments/refunds/{id}"""
    if refund_id not in books.refunds:
        raise not_found()
    return Answer(200, lambda request: document(books, request, refund_id))


def show(books: Books, request: Request, refund_id: str) -> Json:
    whole = document(books, request, refund_id)
    return whole if request.wants_all else {key: whole[key] for key in ("id", "status", "links")}


def of_order(books: Books, request: Request, order_id: str) -> list[Json]:
    return [
        document(books, request, key)
        for key, one in books.refunds.items()
        if one["supplementary_data"]["related_ids"]["order_id"] == order_id
    ]


def document(books: Books, request: Request | None, refund_id: str) -> Json:
    refund = books.refunds[refund_id]
    base = request.base_url if request else ""
    links = [
        {"href": f"{base}/v2/payments/refunds/{refund_id}", "rel": "self", "method": "GET"},
        {"href": f"{base}/v2/payments/captures/{refund['capture_id']}", "rel": "up", "method": "GET"},
    ]
    return {key: value for key, value in refund.items() if key != "capture_id"} | {"links": links}


def _new(capture: Json, body: Json, amount: Json) -> Json:
    moment = stamp(now())
    order_id = capture["supplementary_data"]["related_ids"]["order_id"]
    return {
        "id": new_id(),
        "capture_id": capture["id"],
        "status": "PENDING",
        "amount": amount,
        # Without its own it carries the payment's.
        "custom_id": body.get("custom_id", capture["custom_id"]),
        "invoice_id": body.get("invoice_id", capture["invoice_id"]),
        "create_time": moment,
        "update_time": moment,
        "supplementary_data": {"related_ids": {"order_id": order_id, "capture_id": capture["id"]}},
    }


def _returned(books: Books, capture_id: str) -> Decimal:
    living = [one for one in books.refunds.values() if one["capture_id"] == capture_id and one["status"] != "FAILED"]
    return sum((amounts.value_of(one["amount"]) for one in living), Decimal(0))


def _payable(books: Books, refund: Json) -> Json:
    gross, bank = refund["amount"], books.bank
    currency = gross["currency_code"]
    breakdown = {
        "gross_amount": gross,
        "paypal_fee": amounts.write(Decimal(0), currency),
        "net_amount": gross,
        "total_refunded_amount": amounts.write(_returned(books, refund["capture_id"]), currency),
    }
    if bank.settles_in in ("", currency):
        return breakdown
    return breakdown | {
        "paypal_fee_in_receivable_currency": amounts.write(Decimal(0), bank.settles_in),
        "net_amount_in_receivable_currency": amounts.write(amounts.value_of(gross) * bank.rate, bank.settles_in),
    }


def _line(refund: Json) -> Json:
    """docs/transaction-search/transaction-event-codes: T1107, payment refund initiated by merchant."""
    amount = refund["amount"]
    return {
        "transaction_id": refund["id"],
        "paypal_reference_id": refund["capture_id"],
        "transaction_event_code": "T1107",
        "transaction_initiation_date": refund["create_time"],
        "transaction_amount": {**amount, "value": f"-{amount['value']}"},
        "transaction_status": "S",
        "custom_field": refund["custom_id"],
        "invoice_id": refund["invoice_id"],
    }
