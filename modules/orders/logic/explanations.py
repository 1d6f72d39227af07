"""Where each cent of a quote comes from: what cart tells of its lines, and on top of that tax and shipping."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from ecommerce.kernel.money import Money, in_major_units
from modules.cart.contracts import CartSnapshot, ExplainedLine, Origin, PricePart
from modules.orders.logic.pricing import Priced, Rate, exact_tax
from modules.orders.logic.shipping import ShippingOption


def explain(cart: CartSnapshot, priced: Priced, chosen: ShippingOption | None) -> list[ExplainedLine]:
    """Each line and, where a method is chosen, the shipping; the parts of all add up to the total."""
    told = {line.variant_id: line for line in cart.explanation}
    lines = [_taxed(told[one.line.variant_id], one.rate, one.tax, priced) for one in priced.lines]
    return [*lines, *([_shipping(cart, priced, chosen)] if chosen else [])]


def _shipping(cart: CartSnapshot, priced: Priced, chosen: ShippingOption) -> ExplainedLine:
    parts = [PricePart(origin=Origin.PRICE, title=chosen.title, amount=_major(chosen.price))]
    if cart.free_shipping:
        # What takes nothing off the goods makes the shipping free.
        free = next(one for one in cart.discounts if not one.amount)
        off = -_major(chosen.price)
        parts.append(PricePart(origin=Origin.PROMOTION, title=free.title, amount=off, promotion_id=free.promotion_id))
    line = ExplainedLine(variant_id=None, parts=parts, total=priced.shipping_total)
    return _taxed(line, priced.shipping_rate, priced.shipping_tax, priced)


def _taxed(line: ExplainedLine, rate: Rate, tax: Money, priced: Priced) -> ExplainedLine:
    if not rate.rate:
        return line
    exact = exact_tax(line.total, rate.rate, included=priced.prices_include_tax)
    parts = list(_tax_parts(exact, rate, tax))
    if priced.prices_include_tax:
        return replace(line, included=parts)
    return replace(line, parts=[*line.parts, *parts], total=line.total + tax)


def _tax_parts(exact: Fraction, rate: Rate, tax: Money) -> Iterator[PricePart]:
    before = in_major_units(exact, tax.currency)
    for origin, amount in ((Origin.TAX, before), (Origin.ROUNDING, _major(tax) - before)):
        if amount:
            yield PricePart(origin=origin, title=rate.title, amount=amount)


def _major(money: Money) -> Decimal:
    return in_major_units(money.minor, money.currency)
