"""What is printed on invoices and credit notes, as plain values that are frozen when one is issued.

Amounts are the API's decimal strings in the document's one currency. Each row shows what it comes to without tax, its
rate, its tax and its total, so that the rows of a rate add up to what is told of that rate (Directive 2006/112/EC
art. 226(8) to (10), § 14 Abs. 4 UStG Nr. 7 and 8).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ecommerce.kernel.money import Money, api_money, round_half_up
from modules.orders.logic.document_words import WORDS
from modules.orders.logic.exemptions import note_of
from modules.orders.logic.languages import spoken
from modules.orders.logic.refund_amounts import Back
from modules.orders.models import Order, OrderLine, Refund, RefundItem

# Counted on when a snapshot's form changes: what was frozen stays as it is, and is printed as it was.
FORMAT = 1
ITEM, SHIPPING = "item", "shipping"

Row = dict[str, Any]
Snapshot = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Content:
    """A document before it has its number; `tax` and `total` in minor units."""

    language: str
    currency: str
    tax: int
    total: int
    snapshot: Snapshot


@dataclass(frozen=True, kw_only=True)
class Party:
    """Who sells, and by which day of the shop's the order was placed, paid and supplied (ISO; None: not yet)."""

    seller: Mapping[str, Any]
    ordered_on: str
    paid_on: str | None
    supplied_on: str | None


def invoice_content(order: Order, lines: Sequence[OrderLine], party: Party) -> Content:
    """All of an order: its lines, and its shipping where it costs anything."""
    rows = [_line_row(order, line) for line in lines]
    if order.shipping_minor:
        rows.append(_shipping_row(order, lines))
    return _content(order, rows, seller=party.seller, refs=_refs(order, party), discounts=_discounts(order))


def addition_content(order: Order, lines: Sequence[OrderLine], party: Party) -> Content:
    """What was added to an order: these lines of it."""
    rows = [_line_row(order, line) for line in lines]
    return _content(order, rows, seller=party.seller, refs=_refs(order, party), discounts=[])


def refund_content(order: Order, refund: Refund, items: Sequence[RefundItem], invoice: Snapshot) -> Content:
    """What a refund took back of an invoice: units of lines, parts of their price, shipping. What stands on another
    invoice is not of this one."""
    printed = {row["line_id"]: row for row in invoice["rows"]}
    mine = [item for item in items if str(item.line_id) in printed]
    rows = [_back_row(order, printed[str(item.line_id)], item.quantity, _back(item)) for item in mine]
    if refund.shipping_minor and None in printed:
        back = Back(amount=refund.shipping_minor, tax=refund.shipping_tax_minor)
        rows.append(_back_row(order, printed[None], 1, back))
    return _correction(order, rows, invoice)


def rest_content(order: Order, invoice: Snapshot, notes: Iterable[Snapshot]) -> Content:
    """What no credit note has taken back of an invoice yet."""
    taken = [row for note in notes for row in note["rows"]]
    rows = [
        _left_row(order, row, [one for one in taken if one["line_id"] == row["line_id"]]) for row in invoice["rows"]
    ]
    return _correction(order, [row for row in rows if row["quantity"] or row["total"] != _zero(order)], invoice)


def _content(
    order: Order, rows: list[Row], *, seller: Mapping[str, Any], refs: dict[str, Any], discounts: list[Any]
) -> Content:
    tax, total = _sum(rows, "tax", order), _sum(rows, "total", order)
    # As it is issued: should the shop speak another language one day, the document does not.
    language = spoken(order.language, WORDS)
    snapshot = {
        "format": FORMAT,
        "language": language,
        "currency": order.currency,
        "seller": dict(seller),
        "buyer": {"address": order.billing_address, "vat_id": order.vat_id},
        "shipping_address": order.shipping_address,
        "refs": refs,
        "prices_include_tax": order.prices_include_tax,
        "rows": rows,
        "discounts": discounts,
        "taxes": _taxes(order, rows),
        "net": _amount(total - tax, order),
        "tax": _amount(tax, order),
        "total": _amount(total, order),
        "tax_note": note_of(order.tax_exemption, language) or "",
    }
    return Content(language=language, currency=order.currency, tax=tax, total=total, snapshot=snapshot)


def _correction(order: Order, rows: list[Row], invoice: Snapshot) -> Content:
    """A credit note is to whom its invoice was, by whom it was, and names it (art. 219)."""
    refs = invoice["refs"] | {"invoice": {"number": invoice["number"], "issued_on": invoice["issued_on"]}}
    content = _content(order, rows, seller=invoice["seller"], refs=refs, discounts=[])
    as_it_was = {name: invoice[name] for name in ("buyer", "shipping_address", "language", "tax_note")}
    return Content(
        language=invoice["language"],
        currency=content.currency,
        tax=content.tax,
        total=content.total,
        snapshot=content.snapshot | as_it_was | {"taxes": _named_as(invoice["taxes"], content.snapshot["taxes"])},
    )


def _refs(order: Order, party: Party) -> dict[str, Any]:
    return {
        "order_number": order.number,
        "ordered_on": party.ordered_on,
        "paid_on": party.paid_on,
        "supplied_on": party.supplied_on,
    }


def _discounts(order: Order) -> list[dict[str, str]]:
    return [
        {"title": one["title"], "code": one["code"] or "", "amount": one["amount"]["amount"]} for one in order.discounts
    ]


def _line_row(order: Order, line: OrderLine) -> Row:
    rate = Fraction(Decimal(line.tax_rate))
    included = rate if order.prices_include_tax else Fraction(0)
    unit_net = round_half_up(Fraction(line.unit_price_minor) / (1 + included))
    return _row(order, str(line.pk), rate=line.tax_rate, tax=line.tax_minor, total=line.total_minor) | {
        "kind": ITEM,
        "sku": line.sku,
        "title": line.title,
        "options": line.options,
        "quantity": line.quantity,
        "unit_price": _amount(line.unit_price_minor, order),
        "unit_net": _amount(unit_net, order),
        "discount": _amount(line.discount_minor, order),
    }


def _shipping_row(order: Order, lines: Sequence[OrderLine]) -> Row:
    tax = order.shipping_tax_minor
    total = order.shipping_minor if order.prices_include_tax else order.shipping_minor + tax
    price = _amount(order.shipping_minor, order)
    return _row(order, None, rate=_shipping_rate(order, lines, total - tax), tax=tax, total=total) | {
        "kind": SHIPPING,
        "sku": "",
        "title": order.shipping_title,
        "options": {},
        "quantity": 1,
        "unit_price": price,
        "unit_net": _amount(total - tax, order),
        "discount": _amount(0, order),
    }


def _back_row(order: Order, printed: Row, quantity: int, back: Back) -> Row:
    """A row of the invoice of which so much goes back; `quantity` 0: a part of its price."""
    rest = _row(order, printed["line_id"], rate=printed["rate"], tax=back.tax, total=back.amount)
    told = {name: printed[name] for name in ("kind", "sku", "title", "options")}
    return rest | told | {"quantity": quantity, "unit_price": None, "unit_net": None, "discount": _zero(order)}


def _left_row(order: Order, printed: Row, taken: Sequence[Row]) -> Row:
    quantity = printed["quantity"] - sum(row["quantity"] for row in taken)
    tax = _minor(printed["tax"], order) - _sum(taken, "tax", order)
    amount = _minor(printed["total"], order) - _sum(taken, "total", order)
    return _back_row(order, printed, quantity, Back(amount=amount, tax=tax))


def _back(item: RefundItem) -> Back:
    return Back(amount=item.amount_minor, tax=item.tax_minor)


def _row(order: Order, line_id: str | None, *, rate: Any, tax: int, total: int) -> Row:
    return {
        "line_id": line_id,
        "rate": _plain(Decimal(rate)),
        "net": _amount(total - tax, order),
        "tax": _amount(tax, order),
        "total": _amount(total, order),
    }


def _shipping_rate(order: Order, lines: Sequence[OrderLine], net: int) -> Decimal:
    """An order keeps what its shipping's tax comes to, and its rates: the one of them that comes closest is meant."""
    if not order.shipping_tax_minor:
        return Decimal(0)
    rates = {Decimal(one["rate"]) for one in order.taxes} | {Decimal(line.tax_rate) for line in lines}
    return min(sorted(rates, reverse=True), key=lambda rate: abs(net * rate - order.shipping_tax_minor))


def _taxes(order: Order, rows: Sequence[Row]) -> list[dict[str, str]]:
    """What each rate comes to, the highest first."""
    titles = {_plain(Decimal(one["rate"])): one["title"] for one in reversed(order.taxes)}
    rates = sorted({row["rate"] for row in rows}, key=Decimal, reverse=True)
    return [_tax(order, rate, titles.get(rate, ""), [row for row in rows if row["rate"] == rate]) for rate in rates]


def _tax(order: Order, rate: str, title: str, rows: Sequence[Row]) -> dict[str, str]:
    sums = {name: _amount(_sum(rows, name, order), order) for name in ("net", "tax")}
    return {"rate": rate, "title": title} | sums


def _named_as(printed: Sequence[Mapping[str, str]], taxes: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    titles = {one["rate"]: one["title"] for one in printed}
    return [{**one, "title": titles.get(one["rate"], one["title"])} for one in taxes]


def _plain(rate: Decimal) -> str:
    """0.19, not 0.1900: one rate is one text."""
    return f"{rate.normalize():f}"


def _sum(rows: Iterable[Row], name: str, order: Order) -> int:
    return sum(_minor(row[name], order) for row in rows)


def _minor(amount: str, order: Order) -> int:
    return Money.parse(amount, order.currency).minor


def _amount(minor: int, order: Order) -> str:
    return api_money(Money(minor=minor, currency=order.currency))["amount"]


def _zero(order: Order) -> str:
    return _amount(0, order)
