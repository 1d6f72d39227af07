"""What an order's page says of the order itself: when, where to, how much."""

from typing import Any

from ecommerce.kernel.money import Money
from modules.orders.admin import words
from modules.orders.logic.exemptions import note_of
from modules.orders.logic.returns import returnable_until
from modules.orders.models import Order, OrderLine

Fact = tuple[str, str]


def statuses(order: Order) -> list[tuple[str, str]]:
    """Where it stands, each with its colour."""
    found = (order.status, order.payment_status, order.fulfilment_status)
    return [(words.spaced(status), words.COLOURS.get(status, "")) for status in found]


def facts(order: Order) -> list[Fact]:
    """Moments and words."""
    is_open = order.status == Order.Status.PENDING
    moments = [
        ("Placed", order.placed_at),
        ("To be paid until", order.payable_until if is_open else None),
        ("Paid", order.paid_at),
        ("Confirmed", order.confirmed_at),
        ("Delivered", order.delivered_at),
        ("May be returned until", returnable_until(order)),
        ("Cancelled", order.cancelled_at),
    ]
    others = [
        ("Picked up" if order.is_pick_up else "Shipping", order.shipping_title),
        ("Language", order.language),
        ("Codes", ", ".join(order.coupon_codes)),
        ("VAT id", order.vat_id),
        ("No tax", note_of(order.tax_exemption, "en") or ""),
    ]
    return [(name, f"{words.moment(at)} UTC") for name, at in moments if at] + [one for one in others if one[1]]


def lines(order: Order, found: list[OrderLine]) -> dict[str, Any]:
    """What was bought, as a table."""
    tax = "Tax in it" if order.prices_include_tax else "Tax"
    counts = ["Ordered", "Shipped", "Called off", "Refunded"]
    headers = ["Product", "SKU", "Price", *counts, "Discount", tax, "Total"]
    return {"headers": headers, "rows": [_line(order, line) for line in found]}


def totals(order: Order) -> list[Fact]:
    """What it costs, and what was paid and given back."""
    amounts = [
        ("Subtotal", order.subtotal_minor),
        ("Discounts", -order.discount_minor),
        ("Shipping", order.shipping_minor),
        ("Tax in it" if order.prices_include_tax else "Tax", order.tax_minor),
        ("Total", order.total_minor),
        ("Captured", order.captured_minor),
        ("Given back", order.refunded_minor),
    ]
    return [(name, words.money(minor, order)) for name, minor in amounts]


def discounts(order: Order) -> list[Fact]:
    """What each discount takes off."""
    named = [(" ".join(filter(None, [one["title"], one["code"]])), one["amount"]) for one in order.discounts]
    return [(name, _amount(amount)) for name, amount in named]


def taxes(order: Order) -> list[Fact]:
    """Each tax, and of what it is taken."""
    return [(f"{one['title']} of {_amount(one['base'])}", _amount(one["amount"])) for one in order.taxes]


def addresses(order: Order) -> list[tuple[str, list[str]]]:
    """Where it goes and who pays; once where that is the same."""
    shipping, billing = (words.address_lines(one) for one in (order.shipping_address, order.billing_address))
    if shipping == billing:
        return [("Shipping and billing address", shipping)]
    return [("Shipping address", shipping), ("Billing address", billing)]


def timeline(order: Order) -> dict[str, Any]:
    """What happened, as a table."""
    entries = order.timeline.order_by("at", "id")
    rows = [[words.moment(one.at), words.event(one), words.actor(one.actor, order), words.told(one)] for one in entries]
    return {"headers": ["When (UTC)", "What", "Who", "More"], "rows": rows}


def _line(order: Order, line: OrderLine) -> list[Any]:
    minors = (line.unit_price_minor, line.discount_minor, line.tax_minor, line.total_minor)
    price, *others = (words.money(minor, order) for minor in minors)
    counts = [line.quantity, line.fulfilled, line.cancelled, line.refunded]
    return [words.title(line), line.sku, price, *counts, *others]


def _amount(value: dict[str, str]) -> str:
    """An amount as an order's JSON holds it."""
    return str(Money.parse(value["amount"], value["currency"]))
