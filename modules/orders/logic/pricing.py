"""What an order costs: one pure function for quote and checkout, over plain values.

Rounding is half-up per line; the header is the sum of the rounded lines. Where prices include tax, a line's tax is the
part of its price that is tax; where they exclude it, it comes on top. Shipping is a pseudo-line of the standard class.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ecommerce.kernel.money import Money, round_half_up, total
from modules.cart.contracts import CartLine, CartSnapshot
from modules.payments.contracts import Split

STANDARD = "standard"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A tax rate in force: a fraction of the price without tax."""

    title: str
    rate: Fraction


NO_TAX = Rate(title="", rate=Fraction(0))


@dataclass(frozen=True, kw_only=True)
class TaxTotal:
    """What one rate comes to: `base` is what it was charged on, without the tax."""

    title: str
    rate: Fraction
    base: Money
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """A cart's line with its tax; `total` is what is paid for it."""

    line: CartLine
    rate: Rate
    tax: Money
    total: Money


@dataclass(frozen=True, kw_only=True)
class Priced:
    """A whole order's figures: total = subtotal - discount_total + shipping_total (+ tax_total where it is on top)."""

    lines: list[PricedLine]
    prices_include_tax: bool
    subtotal: Money
    discount_total: Money
    shipping_total: Money
    shipping_tax: Money
    shipping_rate: Rate
    tax_total: Money
    taxes: list[TaxTotal]
    total: Money

    @property
    def split(self) -> Split:
        """The total over the accounts it belongs to: sales and shipping without tax, and the tax."""
        shipping = self.shipping_total - self.shipping_tax if self.prices_include_tax else self.shipping_total
        return Split(sales=self.total - self.tax_total - shipping, tax=self.tax_total, shipping=shipping)


def price_order(
    cart: CartSnapshot, *, shipping_price: Money, rates: Mapping[str, Rate], prices_include_tax: bool
) -> Priced:
    """Price a cart for one destination: `rates` are those of its country, by tax class."""
    lines = [_line(line, rates.get(line.tax_class, NO_TAX), prices_include_tax) for line in cart.lines]
    shipping = Money.zero(cart.currency) if cart.free_shipping else shipping_price
    shipping_rate = rates.get(STANDARD, NO_TAX)
    shipping_tax = tax_of(shipping, shipping_rate.rate, included=prices_include_tax)
    tax_total = total((line.tax for line in lines), cart.currency) + shipping_tax
    on_top = Money.zero(cart.currency) if prices_include_tax else tax_total
    return Priced(
        lines=lines,
        prices_include_tax=prices_include_tax,
        subtotal=cart.subtotal,
        discount_total=cart.discount_total,
        shipping_total=shipping,
        shipping_tax=shipping_tax,
        shipping_rate=shipping_rate,
        tax_total=tax_total,
        taxes=_taxes(lines, (shipping, shipping_rate, shipping_tax), prices_include_tax),
        total=cart.subtotal - cart.discount_total + shipping + on_top,
    )


def tax_of(amount: Money, rate: Fraction, *, included: bool) -> Money:
    """The tax in (or on) an amount, rounded half-up to the minor unit."""
    return Money(minor=round_half_up(exact_tax(amount, rate, included=included)), currency=amount.currency)


def exact_tax(amount: Money, rate: Fraction, *, included: bool) -> Fraction:
    """The same in minor units before it is rounded."""
    return amount.minor * rate / (1 + rate) if included else amount.minor * rate


def rate_of(rate: Fraction) -> Decimal:
    """A rate as a decimal with four places, as it is stored and shown: 0.1900."""
    return (Decimal(rate.numerator) / Decimal(rate.denominator)).quantize(Decimal("0.0001"))


def _line(line: CartLine, rate: Rate, prices_include_tax: bool) -> PricedLine:  # noqa: FBT001  (one fact for all lines)
    charged = line.line_total - line.discount
    tax = tax_of(charged, rate.rate, included=prices_include_tax)
    return PricedLine(line=line, rate=rate, tax=tax, total=charged if prices_include_tax else charged + tax)


def _taxes(
    lines: Sequence[PricedLine],
    shipping: tuple[Money, Rate, Money],
    prices_include_tax: bool,  # noqa: FBT001  (one fact for all lines)
) -> list[TaxTotal]:
    charged = [(line.line.line_total - line.line.discount, line.rate, line.tax) for line in lines]
    sums: dict[tuple[str, Fraction], tuple[Money, Money]] = {}
    for amount, rate, tax in [*charged, shipping]:
        base = amount - tax if prices_include_tax else amount
        if rate.rate and (base or tax):
            bases, taxes = sums.get((rate.title, rate.rate), (Money.zero(base.currency), Money.zero(base.currency)))
            sums[rate.title, rate.rate] = (bases + base, taxes + tax)
    ordered = sorted(sums.items(), key=lambda item: (-item[0][1], item[0][0]))
    return [TaxTotal(title=title, rate=rate, base=base, amount=tax) for (title, rate), (base, tax) in ordered]
