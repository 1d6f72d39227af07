"""What a cart costs a buyer who is charged no tax, where its prices include the shop's own: the net prices.

Each listed price and the shipping lose the tax of the shop's own country, each rounded half-up to the minor unit; a
line's discount keeps its part of the line. So what takes off everything still does, and a net price times its quantity
is the line.
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from ecommerce.kernel.money import Money, round_half_up, share, total
from modules.cart.contracts import CartDiscount, CartLine, CartSnapshot


def net_of(amount: Money, rate: Fraction) -> Money:
    """The amount without the tax that is in it."""
    return Money(minor=round_half_up(amount.minor / (1 + rate)), currency=amount.currency)


def net_cart(cart: CartSnapshot, rates: Mapping[str, Fraction]) -> CartSnapshot:
    """The cart at its net prices; `rates` are the shop's own, by tax class."""
    lines = [_line(line, rates.get(line.tax_class, Fraction(0))) for line in cart.lines]
    subtotal = total((line.line_total for line in lines), cart.currency)
    discount_total = total((line.discount for line in lines), cart.currency)
    return replace(
        cart,
        lines=lines,
        discounts=_discounts(cart.discounts, discount_total),
        subtotal=subtotal,
        discount_total=discount_total,
        total=subtotal - discount_total,
    )


def _line(line: CartLine, rate: Fraction) -> CartLine:
    price = net_of(line.unit_price, rate)
    line_total = price * line.quantity
    part = Fraction(line.discount.minor, line.line_total.minor) if line.line_total else Fraction(0)
    discount = Money(minor=round_half_up(line_total.minor * part), currency=price.currency)
    return replace(line, unit_price=price, line_total=line_total, discount=discount)


def _discounts(discounts: list[CartDiscount], discount_total: Money) -> list[CartDiscount]:
    if not discounts:
        return []
    shares = share(discount_total, [discount.amount.minor for discount in discounts])
    return [replace(discount, amount=part) for discount, part in zip(discounts, shares, strict=True)]
