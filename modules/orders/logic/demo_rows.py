"""A past order as rows that every invariant and constraint allows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from ecommerce.kernel.money import Money, api_money
from modules.orders.logic.demo_purchases import A_DAY, AN_HOUR, ENDS, SOLD, SOME_DAY, Line, PastOrder
from modules.orders.logic.demo_stories import Fulfilment, Payment, Status

# In the order of their foreign keys.
TABLES = {
    "orders_order": "id, number, status, payment_status, fulfilment_status, version, cart_id, cart_version,"
    " fingerprint, customer_id, email, language, shipping_address, billing_address, search_name, note,"
    " token_generation, currency, prices_include_tax, subtotal_minor, discount_minor, shipping_minor, tax_minor,"
    " total_minor, captured_minor, refunded_minor, shipping_tax_minor, discounts, taxes, shipping_code,"
    " shipping_title, payment_provider, stock_reference, coupon_codes, is_imported, vat_id, tax_exemption,"
    " is_pick_up, created_at, payable_until, placed_at, paid_at, confirmed_at, delivered_at, cancelled_at",
    "orders_orderline": "id, order_id, position, variant_id, sku, title, options, quantity, unit_price_minor,"
    " discount_minor, tax_minor, total_minor, tax_class, tax_rate, fulfilled, cancelled, refunded",
    "orders_timelineentry": "id, order_id, at, event, actor, detail",
    "orders_shipment": "id, order_id, status, carrier, tracking_number, shipped_at, delivered_at",
    "orders_shipmentitem": "id, shipment_id, line_id, quantity",
    "orders_return": "id, order_id, status, answer, requested_at, decided_at, received_at",
    "orders_returnitem": "id, return_of_id, line_id, quantity, reason",
    "orders_refund": "id, order_id, return_of_id, status, amount_minor, tax_minor, shipping_minor, shipping_tax_minor,"
    " reason, restock, actor, created_at, finished_at",
    "orders_refunditem": "id, refund_id, line_id, quantity, amount_minor, tax_minor, cancelled",
}
Rows = dict[str, list[tuple[Any, ...]]]

COLOURS = ("Black", "Navy", "Olive", "Sand", "White")
KINDS = ("Backpack", "Blanket", "Bottle", "Chair", "Jacket", "Kettle", "Lamp", "Mug", "Notebook", "Scarf")


def add_rows(rows: Rows, past: PastOrder) -> None:
    """All rows of an order."""
    rows["orders_order"].append(_order(past))
    rows["orders_orderline"] += [_line(past, place, line) for place, line in enumerate(past.lines)]
    rows["orders_timelineentry"] += [
        (next(past.ids), past.order_id, at, event, "system", _json(detail)) for at, event, detail in _events(past)
    ]
    if past.story.sent:
        _add_shipment(rows, past)
    if past.back:
        _add_refund(rows, past)


def _order(past: PastOrder) -> tuple[Any, ...]:
    buyer, story, placed_at = past.buyer, past.story, past.placed_at
    address = _json(buyer.address)
    begun_at = placed_at - timedelta(seconds=1)
    payable_until = SOME_DAY if story.status == Status.PENDING else begun_at + timedelta(minutes=30)
    return (
        past.order_id,
        f"P{past.number + 1}",
        story.status,
        past.payment_status,
        story.fulfilment_status,
        2,
        next(past.ids),
        1,
        "",
        past.customer_id,
        buyer.email,
        buyer.language,
        address,
        address,
        buyer.search_name,
        "",
        1,
        buyer.currency,
        True,
        past.subtotal,
        past.discount,
        past.shipping,
        past.tax,
        past.total,
        past.captured,
        past.refunded,
        past.shipping_tax,
        _json(_discounts(past)),
        _json(_taxes(past)),
        past.code,
        past.title,
        "",
        past.order_id,
        _json(["WELCOME"] if past.discount else []),
        True,
        "",
        "",
        False,
        begun_at,
        payable_until,
        placed_at,
        placed_at + AN_HOUR if past.captured == past.total else None,
        past.placed_at + AN_HOUR if story.status in SOLD else None,
        past.ended_as(Status.DELIVERED),
        past.ended_as(Status.CANCELLED),
    )


def _line(past: PastOrder, place: int, line: Line) -> tuple[Any, ...]:
    colour, kind = COLOURS[line.goods % len(COLOURS)], KINDS[line.goods // len(COLOURS) % len(KINDS)]
    back = next((back for back in past.back if back.line is line), None)
    return (
        line.id,
        past.order_id,
        place,
        UUID(int=(0x4 << 76) | (0x2 << 62) | line.goods),
        f"{kind.upper()}-{line.goods:04}",
        f"{colour} {kind} No. {line.goods}",
        _json({"Colour": colour}),
        line.quantity,
        line.price,
        line.discount,
        line.tax,
        line.total,
        "standard",
        f"0.{past.percent:02}00",
        past.sent(line),
        back.cancelled if back else 0,
        line.quantity if back else 0,
    )


def _events(past: PastOrder) -> Iterator[tuple[datetime, str, dict[str, str]]]:
    """What its timeline tells, in order."""
    story, placed_at = past.story, past.placed_at
    yield placed_at, "placed", {}
    yield from _payment_events(past)
    if story.status in SOLD:
        yield placed_at + AN_HOUR, "confirmed", {}
    if story.sent:
        yield placed_at + A_DAY, "shipped" if story.sent == "all" else "processing", {}
    if story.status in ENDS:
        yield placed_at + ENDS[story.status], story.status, {}
    if past.refunded:
        yield past.decided_at, "refunded", _money(past.refunded, past)


def _payment_events(past: PastOrder) -> Iterator[tuple[datetime, str, dict[str, str]]]:
    if past.captured:
        yield past.placed_at + AN_HOUR, "payment_captured", _money(past.captured, past)
    elif past.story.payment_status == Payment.AUTHORIZED:
        yield past.placed_at + AN_HOUR, "payment_authorized", {"amount": _money(past.total, past)["amount"]}
    elif past.story.payment_status == Payment.FAILED:
        yield past.placed_at + AN_HOUR / 6, "payment_failed", {"code": "card_declined"}


def _add_shipment(rows: Rows, past: PastOrder) -> None:
    shipment_id, arrived_at = next(past.ids), past.ended_as(Status.DELIVERED)
    state, tracking_number = "delivered" if arrived_at else "shipped", f"P{past.number + 1:012}"
    rows["orders_shipment"].append(
        (shipment_id, past.order_id, state, "dhl", tracking_number, past.placed_at + A_DAY, arrived_at)
    )
    rows["orders_shipmentitem"] += [
        (next(past.ids), shipment_id, line.id, past.sent(line)) for line in past.lines if past.sent(line)
    ]


def _add_refund(rows: Rows, past: PastOrder) -> None:
    refund_id, return_id = next(past.ids), _add_return(rows, past)
    shipping_tax = past.shipping_tax if past.shipping_back else 0
    tax = sum(back.line.tax for back in past.back) + shipping_tax
    amounts = (past.refunded, tax, past.shipping_back, shipping_tax)
    told = ("", past.story.refunded != "line", "system", past.decided_at, past.decided_at)
    rows["orders_refund"].append((refund_id, past.order_id, return_id, "succeeded", *amounts, *told))
    rows["orders_refunditem"] += [
        (next(past.ids), refund_id, line.id, line.quantity, line.total, line.tax, cancelled)
        for line, cancelled in past.back
    ]


def _add_return(rows: Rows, past: PastOrder) -> str | None:
    if past.story.fulfilment_status != Fulfilment.RETURNED:
        return None
    return_id, asked_at = next(past.ids), past.placed_at + A_DAY * 8
    rows["orders_return"].append(
        (return_id, past.order_id, "received", "", asked_at, asked_at + AN_HOUR, past.decided_at)
    )
    rows["orders_returnitem"] += [
        (next(past.ids), return_id, line.id, line.quantity, "Does not fit.") for line in past.lines
    ]
    return return_id


def _discounts(past: PastOrder) -> list[dict[str, Any]]:
    if not past.discount:
        return []
    amount = _money(past.discount, past)
    return [{"promotion_id": str(UUID(int=1)), "code": "WELCOME", "title": "10 % off", "amount": amount}]


def _taxes(past: PastOrder) -> list[dict[str, Any]]:
    if not past.tax:
        return []
    base, amount = (_money(minor, past) for minor in (past.total - past.tax, past.tax))
    rate = f"0.{past.percent:02}".rstrip("0")
    return [{"title": past.tax_title, "rate": rate, "base": base, "amount": amount}]


def _money(minor: int, past: PastOrder) -> dict[str, str]:
    return api_money(Money(minor=minor, currency=past.buyer.currency))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
