"""Where each cent of a quote comes from: what cart tells of its lines, and on top of that tax and shipping."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from ecommerce.kernel.money import Money, in_major_units
from modules.cart.contracts import CartSnapshot, ExplainedLine, Origin, PricePart
from modules.orders.logic.pricing import NO_TAX, Priced, Rate, Taxation, exact_tax
from modules.orders.logic.shipping import ShippingOption


def explain(
    cart: CartSnapshot, priced: Priced, chosen: ShippingOption | None, taxation: Taxation | None = None
) -> list[ExplainedLine]:
    """Each line and, where a method is chosen, the shipping; the parts of all add up to the total. Of an exempt cart it
    takes the taxation: the tax that comes off its listed prices."""
    if taxation and taxation.exemption:
        return list(_relieved_lines(cart, priced, chosen, taxation))
    told = {line.variant_id: line for line in cart.explanation}
    lines = [_taxed(told[one.line.variant_id], one.rate, one.tax, priced) for one in priced.lines]
    if chosen is None:
        return lines
    return [*lines, _taxed(_shipping(cart, chosen), priced.shipping_rate, priced.shipping_tax, priced)]


def _shipping(cart: CartSnapshot, chosen: ShippingOption) -> ExplainedLine:
    parts = [PricePart(origin=Origin.PRICE, title=chosen.title, amount=_major(chosen.price))]
    if not cart.free_shipping:
        return ExplainedLine(variant_id=None, parts=parts, total=chosen.price)
    # What takes nothing off the goods makes the shipping free.
    free = next(one for one in cart.discounts if not one.amount)
    off = -_major(chosen.price)
    parts.append(PricePart(origin=Origin.PROMOTION, title=free.title, amount=off, promotion_id=free.promotion_id))
    return ExplainedLine(variant_id=None, parts=parts, total=Money.zero(cart.currency))


def _relieved_lines(
    cart: CartSnapshot, priced: Priced, chosen: ShippingOption | None, taxation: Taxation
) -> Iterator[ExplainedLine]:
    told = {line.variant_id: line for line in cart.explanation}
    for one in priced.lines:
        rate = taxation.relief.get(one.line.tax_class, NO_TAX)
        yield _relieved(told[one.line.variant_id], rate, one.total)
    if chosen:
        yield _relieved(_shipping(cart, chosen), taxation.shipping_relief, priced.shipping_total)


def _relieved(line: ExplainedLine, rate: Rate, net: Money) -> ExplainedLine:
    off = -exact_tax(line.total, rate.rate, included=True)
    return replace(line, parts=[*line.parts, *_tax_parts(off, rate, net - line.total)], total=net)


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
