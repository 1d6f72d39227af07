"""Orders. Follows docs/api/orders/v2."""

from tests.fakes.paypal import amounts, authorizations, captures, refunds
from tests.fakes.paypal.books import Books
from tests.fakes.paypal.http import Answer, Json, Request, malformed, new_id, not_found, now, stamp, unprocessable

PATCHABLE = ("CREATED", "APPROVED")
INTENTS = ("CAPTURE", "AUTHORIZE")
# What api/orders/v2 lists as a refusal for want of the buyer's approval.
UNAPPROVED = ("CREATED", "SAVED", "PAYER_ACTION_REQUIRED")


def create(books: Books, request: Request) -> Answer:
    """POST /v2/checkout/orders: with a payment source the payer has to act, without one it is just created."""
    body = request.body
    units = body.get("purchase_units") or []
    if body.get("intent") not in INTENTS or len(units) != 1:
        raise malformed("INVALID_PARAMETER_VALUE")
    amounts.read(units[0].get("amount"))
    source = body.get("payment_source", {}).get("paypal")
    order_id = new_id()
    books.orders[order_id] = {
        "id": order_id,
        "intent": body["intent"],
        "status": "CREATED" if source is None else "PAYER_ACTION_REQUIRED",
        "payment_source": {"paypal": {}} if source is not None else {},
        "unit": {"reference_id": "default", **units[0]},
        "context": (source or {}).get("experience_context", {}),
        "create_time": stamp(now()),
    }
    return Answer(201 if source is None else 200, lambda request: show(books, request, order_id))


def get(books: Books, request: Request, order_id: str) -> Answer:
    """GET /v2/checkout/orders/{id}: always the whole order."""
    find(books, order_id)
    return Answer(200, lambda request: document(books, request, order_id))


def patch(books: Books, request: Request, order_id: str) -> Answer:
    """PATCH /v2/checkout/orders/{id}: of an order that is CREATED or APPROVED; here of its own words only."""
    order = find(books, order_id)
    if order["status"] not in PATCHABLE:
        raise unprocessable("NOT_PATCHABLE")
    for change in request.body:
        name = change["path"].removeprefix("/purchase_units/@reference_id=='default'/")
        if change["op"] != "replace" or name not in ("custom_id", "invoice_id"):
            raise unprocessable("INVALID_PATCH_OPERATION")
        order["unit"][name] = change["value"]
    return Answer(204)


def capture(books: Books, request: Request, order_id: str) -> Answer:
    """POST …/{id}/capture, once the buyer has approved."""
    order = _payable(books, order_id, "CAPTURE", "ORDER_ALREADY_CAPTURED")
    captures.add(books, order, amounts.read(order["unit"]["amount"]), final=True)
    _complete(books, order)
    return Answer(201, lambda request: show(books, request, order_id))


def authorize(books: Books, request: Request, order_id: str) -> Answer:
    """POST …/{id}/authorize, once the buyer has approved."""
    order = _payable(books, order_id, "AUTHORIZE", "ORDER_ALREADY_AUTHORIZED")
    authorizations.add(books, order)
    _complete(books, order)
    return Answer(201, lambda request: show(books, request, order_id))


def find(books: Books, order_id: str) -> Json:
    if order_id not in books.orders:
        raise not_found()
    return books.orders[order_id]


def show(books: Books, request: Request, order_id: str) -> Json:
    """All of it, or id, status and links: as Prefer asks."""
    whole = document(books, request, order_id)
    return whole if request.wants_all else {key: whole[key] for key in ("id", "status", "links")}


def document(books: Books, request: Request, order_id: str) -> Json:
    order = find(books, order_id)
    payments = {
        "authorizations": authorizations.of_order(books, request, order_id),
        "captures": captures.of_order(books, request, order_id),
        "refunds": refunds.of_order(books, request, order_id),
    }
    some = {kind: found for kind, found in payments.items() if found}
    unit = order["unit"] | ({"payments": some} if some else {})
    return {
        "id": order_id,
        "intent": order["intent"],
        "status": order["status"],
        "payment_source": order["payment_source"],
        "purchase_units": [unit],
        "create_time": order["create_time"],
        "links": _links(order, request),
    }


def expire(books: Books, order_id: str) -> None:
    """docs/api/orders/v2: an order that nobody pays is kept for hours only; then it is not found any more."""
    del books.orders[order_id]


def _payable(books: Books, order_id: str, intent: str, already: str) -> Json:
    order = find(books, order_id)
    if order["status"] == "COMPLETED":
        raise unprocessable(already)
    if order["status"] in UNAPPROVED:
        raise unprocessable("ORDER_NOT_APPROVED")
    if order["intent"] != intent:
        raise unprocessable("ACTION_DOES_NOT_MATCH_INTENT")
    if order_id in books.unfunded:
        # docs/checkout/standard/customize/handle-funding-failures: the buyer is sent back to choose another source.
        books.unfunded.discard(order_id)
        raise unprocessable("INSTRUMENT_DECLINED")
    invoice = order["unit"].get("invoice_id")
    if books.account.refuses_paid_invoices and invoice in books.paid_invoices:
        raise unprocessable("DUPLICATE_INVOICE_ID")
    return order


def _complete(books: Books, order: Json) -> None:
    order["status"] = "COMPLETED"
    if invoice := order["unit"].get("invoice_id"):
        books.paid_invoices.add(invoice)


def _links(order: Json, request: Request) -> list[Json]:
    here = f"{request.base_url}/v2/checkout/orders/{order['id']}"
    links = [{"href": here, "rel": "self", "method": "GET"}]
    checkout = f"{request.base_url}/checkoutnow?token={order['id']}"
    if order["status"] == "PAYER_ACTION_REQUIRED":
        links.append({"href": checkout, "rel": "payer-action", "method": "GET"})
    elif order["status"] == "CREATED":
        links.append({"href": checkout, "rel": "approve", "method": "GET"})
    elif order["status"] == "APPROVED":
        step = order["intent"].lower()
        links.append({"href": f"{here}/{step}", "rel": step, "method": "POST"})
    return links
