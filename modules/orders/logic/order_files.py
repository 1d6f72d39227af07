"""Orders as a file, CSV or JSON lines, in the order they were placed; nothing reads it in again.

In CSV, a row is a line of an order, and what is the order's stands in the first of them, so that columns add up. Buyers
type names, notes and addresses: a cell that a spreadsheet would take for a formula gets an apostrophe before it (OWASP,
CSV Injection). JSON lines hold everything as it is.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import F, Prefetch
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from ecommerce.kernel.money import Money
from modules.orders.logic.exports import order_document
from modules.orders.logic.search import narrowed_by
from modules.orders.models import Order, OrderLine, TimelineEntry

FORMATS = ("csv", "jsonl")
BATCH = 500
# What spreadsheets begin a formula with, also as wide letters, and what they leave out before they look.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
PLAIN = ("status", "payment_status", "fulfilment_status", "email", "customer_id", "vat_id", "language", "currency")
AMOUNTS = {
    "subtotal": "subtotal_minor",
    "discount_total": "discount_minor",
    "shipping_total": "shipping_minor",
    "tax_total": "tax_minor",
    "total": "total_minor",
    "captured_total": "captured_minor",
    "refunded_total": "refunded_minor",
}
INSTANTS = ("placed_at", "paid_at", "confirmed_at", "delivered_at", "cancelled_at")
ADDRESS = ("full_name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone")
OF_LINE = ("sku", "title", "options", "variant_id", "quantity")
LINE_AMOUNTS = {
    "unit_price": "unit_price_minor",
    "discount": "discount_minor",
    "tax": "tax_minor",
    "total": "total_minor",
}
COUNTS = ("fulfilled", "cancelled", "refunded")
LINES = Prefetch("lines", OrderLine.objects.order_by("position"))
TIMELINE = Prefetch("timeline", TimelineEntry.objects.order_by("at", "id"))
COLUMNS = [
    *("number", "id", *PLAIN, *AMOUNTS, "shipping_method", "payment_provider", "coupons", "note", "is_imported"),
    *(*INSTANTS, *(f"{whose}.{name}" for whose in ("shipping", "billing") for name in ADDRESS)),
    *(f"line.{name}" for name in (*OF_LINE, *LINE_AMOUNTS, "tax_rate", *COUNTS)),
]


def export_orders(*, format: str, **asked: Any) -> Iterator[bytes]:  # noqa: A002  (its word everywhere)
    """The placed orders that the filters leave, as pieces of a file, each of at most BATCH orders after the first."""
    if format == "csv":
        return _csv(_batches(asked, LINES))
    return _jsonl(_batches(asked, LINES, TIMELINE, "shipments__items", "returns__items", "refunds__items"))


def count_orders(**asked: Any) -> int:
    """How many that will be, for a progress bar."""
    return Order.objects.filter(narrowed_by(asked)).count()


def _batches(asked: dict[str, Any], *with_them: "Prefetch[Any] | str") -> Iterator[list[Order]]:
    """By keyset: what is written is never here at once, and nobody waits for a transaction of hours."""
    orders = Order.objects.filter(narrowed_by(asked)).order_by("placed_at", "id").prefetch_related(*with_them)
    page = list(orders[:BATCH])
    while page:
        yield page
        last = (page[-1].placed_at, page[-1].pk)
        page = list(orders.filter(TupleGreaterThan(Tuple(F("placed_at"), F("id")), last))[:BATCH])


def _jsonl(batches: Iterable[list[Order]]) -> Iterator[bytes]:
    for orders in batches:
        yield b"".join(msgspec.json.encode(_document(order)) + b"\n" for order in orders)


def _document(order: Order) -> dict[str, Any]:
    return order_document(order) | {"customer_id": order.customer_id, "is_imported": order.is_imported}


def _csv(batches: Iterable[list[Order]]) -> Iterator[bytes]:
    yield _lines([COLUMNS])
    for orders in batches:
        yield _lines(row for order in orders for row in _rows(order))


def _rows(order: Order) -> Iterator[list[str]]:
    for place, line in enumerate(order.lines.all()):
        of_order = _of_order(order) if place == 0 else {"number": order.number}
        row = of_order | _of_line(line, order.currency)
        yield [_cell(row.get(column)) for column in COLUMNS]


def _of_order(order: Order) -> dict[str, Any]:
    addresses = {"shipping": order.shipping_address, "billing": order.billing_address}
    return {
        **{name: getattr(order, name) for name in ("number", "id", *PLAIN, *INSTANTS)},
        **{name: Money(minor=getattr(order, of), currency=order.currency).amount for name, of in AMOUNTS.items()},
        **{f"{whose}.{name}": address.get(name) for whose, address in addresses.items() for name in ADDRESS},
        "shipping_method": order.shipping_code,
        "payment_provider": order.payment_provider,
        "coupons": "|".join(order.coupon_codes),
        "note": order.note,
        "is_imported": "true" if order.is_imported else "false",
    }


def _of_line(line: OrderLine, currency: str) -> dict[str, Any]:
    plain = {f"line.{name}": getattr(line, name) for name in (*OF_LINE, "tax_rate", *COUNTS)}
    amounts = {name: Money(minor=getattr(line, of), currency=currency).amount for name, of in LINE_AMOUNTS.items()}
    options = "|".join(f"{name}: {value}" for name, value in line.options.items())
    return plain | {f"line.{name}": amount for name, amount in amounts.items()} | {"line.options": options}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _lines(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
