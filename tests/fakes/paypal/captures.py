"""Captured payments. Follows docs/api/payments/v2, "Captures"."""

from decimal import Decimal

from tests.fakes.paypal import amounts
from tests.fakes.paypal.books import Bank, Books
from tests.fakes.paypal.http import Answer, Json, Request, new_id, not_found, now, stamp


def add(
    books: Books, order: Json, amount: tuple[Decimal, str], *, final: bool, authorization_id: str | None = None
) -> Json:
    """Take so much of an order's money; PENDING where the bank holds it."""
    value, currency = amount
    unit, moment = order["unit"], stamp(now())
    related = {"order_id": order["id"]} | ({"authorization_id": authorization_id} if authorization_id else {})
    capture = {
        "id": new_id(),
        "status": "PENDING",
        "status_details": {"reason": "PENDING_REVIEW"},
        "amount": amounts.write(value, currency),
        "final_capture": final,
        "custom_id": unit.get("custom_id"),
        "invoice_id": unit.get("invoice_id"),
        "seller_protection": {"status": "ELIGIBLE"},
        "create_time": moment,
        "update_time": moment,
        "supplementary_data": {"related_ids": related},
    }
    books.captures[capture["id"]] = capture
    if books.bank.holds_captures:
        books.tell("PAYMENT.CAPTURE.PENDING", "capture", capture)
    else:
        complete(books, capture["id"])
    return capture


def complete(books: Books, capture_id: str) -> None:
    """The money has come: seller_receivable_breakdown says what PayPal keeps of it."""
    capture = books.captures[capture_id]
    capture.pop("status_details", None)
    capture["status"], capture["update_time"] = "COMPLETED", stamp(now())
    capture["seller_receivable_breakdown"] = _receivable(books.bank, capture["amount"])
    books.transactions.append(_line(capture))
    books.tell("PAYMENT.CAPTURE.COMPLETED", "capture", capture)


def deny(books: Books, capture_id: str) -> None:
    """docs/api/payments/v2, status DECLINED; webhook event PAYMENT.CAPTURE.DENIED."""
    capture = books.captures[capture_id]
    capture["status"], capture["update_time"] = "DECLINED", stamp(now())
    books.paid_invoices.discard(capture["invoice_id"])
    books.tell("PAYMENT.CAPTURE.DENIED", "capture", capture)


def get(books: Books, request: Request, capture_id: str) -> Answer:
    """GET /v2/payments/captures/{id}"""
    find(books, capture_id)
    return Answer(200, lambda request: document(books, request, capture_id))


def find(books: Books, capture_id: str) -> Json:
    if capture_id not in books.captures:
        raise not_found()
    return books.captures[capture_id]


def show(books: Books, request: Request, capture_id: str) -> Json:
    whole = document(books, request, capture_id)
    return whole if request.wants_all else {key: whole[key] for key in ("id", "status", "links")}


def of_order(books: Books, request: Request, order_id: str) -> list[Json]:
    return [
        document(books, request, key)
        for key, one in books.captures.items()
        if one["supplementary_data"]["related_ids"]["order_id"] == order_id
    ]


def document(books: Books, request: Request, capture_id: str) -> Json:
    here = f"{request.base_url}/v2/payments/captures/{capture_id}"
    capture = find(books, capture_id)
    order = f"{request.base_url}/v2/checkout/orders/{capture['supplementary_data']['related_ids']['order_id']}"
    steps = [("self", here, "GET"), ("refund", f"{here}/refund", "POST"), ("up", order, "GET")]
    return {**capture, "links": [{"href": href, "rel": rel, "method": method} for rel, href, method in steps]}


def fee_of(bank: Bank, amount: Json) -> Json:
    fee = amounts.value_of(amount) * bank.fee_rate + bank.fee_fixed
    return amounts.write(fee, amount["currency_code"])


def _receivable(bank: Bank, gross: Json) -> Json:
    """gross_amount, paypal_fee and net_amount; where the balance has another currency, what they come to there."""
    currency, fee = gross["currency_code"], fee_of(bank, gross)
    net = amounts.value_of(gross) - amounts.value_of(fee)
    breakdown = {"gross_amount": gross, "paypal_fee": fee, "net_amount": amounts.write(net, currency)}
    if bank.settles_in in ("", currency):
        return breakdown
    return breakdown | {
        "paypal_fee_in_receivable_currency": amounts.write(amounts.value_of(fee) * bank.rate, bank.settles_in),
        "receivable_amount": amounts.write(net * bank.rate, bank.settles_in),
        "exchange_rate": {
            "source_currency": currency,
            "target_currency": bank.settles_in,
            "value": str(bank.rate),
        },
    }


def _line(capture: Json) -> Json:
    """docs/transaction-search/transaction-event-codes: T0006, PayPal Checkout APIs."""
    fee = capture["seller_receivable_breakdown"]["paypal_fee"]
    return {
        "transaction_id": capture["id"],
        "transaction_event_code": "T0006",
        "transaction_initiation_date": capture["create_time"],
        "transaction_amount": capture["amount"],
        "fee_amount": {**fee, "value": f"-{fee['value']}"},
        "transaction_status": "S",
        "custom_field": capture["custom_id"],
        "invoice_id": capture["invoice_id"],
    }
