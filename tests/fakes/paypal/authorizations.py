"""Authorisations. Follows docs/api/payments/v2, "Authorizations"."""

from datetime import timedelta
from decimal import Decimal

from tests.fakes.paypal import amounts, captures
from tests.fakes.paypal.books import Books
from tests.fakes.paypal.http import Answer, Json, Request, new_id, not_found, now, stamp, unprocessable

# docs/checkout/standard/customize/authorization: valid for 29 days.
VALID_FOR = timedelta(days=29)
CAPTURABLE = ("CREATED", "PARTIALLY_CAPTURED")


def add(books: Books, order: Json) -> None:
    """An order's authorisation, over all of its amount."""
    unit, moment = order["unit"], now()
    authorization = {
        "id": new_id(),
        "status": "CREATED",
        "amount": unit["amount"],
        "custom_id": unit.get("custom_id"),
        "invoice_id": unit.get("invoice_id"),
        "seller_protection": {"status": "ELIGIBLE"},
        "expiration_time": stamp(moment + VALID_FOR),
        "create_time": stamp(moment),
        "update_time": stamp(moment),
        "supplementary_data": {"related_ids": {"order_id": order["id"]}},
    }
    books.authorizations[authorization["id"]] = authorization
    books.transactions.append(_line(authorization))
    books.tell("PAYMENT.AUTHORIZATION.CREATED", "authorization", authorization)


def get(books: Books, request: Request, authorization_id: str) -> Answer:
    """GET /v2/payments/authorizations/{id}"""
    find(books, authorization_id)
    return Answer(200, lambda request: document(books, request, authorization_id))


def capture(books: Books, request: Request, authorization_id: str) -> Answer:
    """POST …/{id}/capture: `amount` (all of it when missing); `final_capture` lets the rest go."""
    authorization = _capturable(books, authorization_id)
    whole, currency = amounts.read(authorization["amount"])
    taken = sum((amounts.value_of(one["amount"]) for one in _captures(books, authorization_id)), Decimal(0))
    value, asked_in = amounts.read(request.body.get("amount") or amounts.write(whole - taken, currency))
    if asked_in != currency:
        raise unprocessable("CURRENCY_MISMATCH")
    if taken + value > whole:
        raise unprocessable("MAX_CAPTURE_AMOUNT_EXCEEDED")
    final = bool(request.body.get("final_capture"))
    order = books.orders[authorization["supplementary_data"]["related_ids"]["order_id"]]
    taken_now = captures.add(books, order, (value, currency), final=final, authorization_id=authorization_id)
    authorization["status"] = "CAPTURED" if final or taken + value == whole else "PARTIALLY_CAPTURED"
    return Answer(201, lambda request: captures.show(books, request, taken_now["id"]))


def void(books: Books, request: Request, authorization_id: str) -> Answer:
    """POST …/{id}/void: 204, or 200 with the authorisation where Prefer asks for it."""
    authorization = find(books, authorization_id)
    if authorization["status"] == "VOIDED":
        raise unprocessable("PREVIOUSLY_VOIDED")
    if authorization["status"] in ("CAPTURED", "PARTIALLY_CAPTURED"):
        raise unprocessable("PREVIOUSLY_CAPTURED")
    if authorization["status"] == "EXPIRED":
        raise unprocessable("CANNOT_BE_VOIDED")
    authorization["status"] = "VOIDED"
    books.tell("PAYMENT.AUTHORIZATION.VOIDED", "authorization", authorization)
    if not request.wants_all:
        return Answer(204)
    return Answer(200, lambda request: document(books, request, authorization_id))


def find(books: Books, authorization_id: str) -> Json:
    if authorization_id not in books.authorizations:
        raise not_found()
    return books.authorizations[authorization_id]


def of_order(books: Books, request: Request, order_id: str) -> list[Json]:
    return [
        document(books, request, key)
        for key, one in books.authorizations.items()
        if one["supplementary_data"]["related_ids"]["order_id"] == order_id
    ]


def document(books: Books, request: Request, authorization_id: str) -> Json:
    here = f"{request.base_url}/v2/payments/authorizations/{authorization_id}"
    steps = [("self", here, "GET"), ("capture", f"{here}/capture", "POST"), ("void", f"{here}/void", "POST")]
    links = [{"href": href, "rel": rel, "method": method} for rel, href, method in steps]
    return {**find(books, authorization_id), "links": links}


def _capturable(books: Books, authorization_id: str) -> Json:
    """docs/api/payments/v2, the issues of "Capture authorized payment"."""
    authorization = find(books, authorization_id)
    refusals = {
        "VOIDED": "AUTHORIZATION_VOIDED",
        "EXPIRED": "AUTHORIZATION_EXPIRED",
        "DENIED": "AUTHORIZATION_DENIED",
        "CAPTURED": "AUTHORIZATION_ALREADY_CAPTURED",
    }
    if authorization["status"] not in CAPTURABLE:
        raise unprocessable(refusals[authorization["status"]])
    return authorization


def _captures(books: Books, authorization_id: str) -> list[Json]:
    related = [(one["supplementary_data"]["related_ids"], one) for one in books.captures.values()]
    return [one for ids, one in related if ids.get("authorization_id") == authorization_id]


def _line(authorization: Json) -> Json:
    """docs/transaction-search/transaction-event-codes: T1300, which moves no balance."""
    return {
        "transaction_id": authorization["id"],
        "transaction_event_code": "T1300",
        "transaction_initiation_date": authorization["create_time"],
        "transaction_amount": authorization["amount"],
        "transaction_status": "P",
        "custom_field": authorization["custom_id"],
        "invoice_id": authorization["invoice_id"],
    }
