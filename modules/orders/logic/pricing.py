"""What an order costs: one pure function for quote and checkout, over plain values.

Rounding is half-up: per line, the header being the sum of the rounded lines, or per rate, and then shared over the
lines by the largest remainder. Where prices include tax, a line's tax is the part of its price that is tax; where they
exclude it, it comes on top. Shipping is a pseudo-line of the standard class, or is not taxed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from ecommerce.kernel.money import Money, round_half_up, round_together, total
from modules.cart.contracts import CartDiscount, CartLine, CartSnapshot
from modules.orders.logic.net_prices import net_cart, net_of
from modules.payments.contracts import Split

STANDARD = "standard"


class Rounding(StrEnum):
    """Of what the tax is rounded to the minor unit: of each line, or of all lines of a rate together."""

    LINE = "line"
    TOTAL = "total"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A tax rate in force: a fraction of the price without tax."""

    title: str
    rate: Fraction


NO_TAX = Rate(title="", rate=Fraction(0))
# What is charged, and at which rate it is taxed.
Charge = tuple[Money, Rate]


@dataclass(frozen=True, kw_only=True)
class Taxation:
    """All that decides what tax a cart is charged: the rates of where it is taxed, by tax class, and the settings.

    With an `exemption` (why, and what the tax is then called) nothing is charged, and the shop's `own_rates` come off
    prices that include tax.
    """

    rates: Mapping[str, Rate]
    prices_include_tax: bool
    rounding: Rounding = Rounding.LINE
    shipping_taxed: bool = True
    exemption: str = ""
    exemption_title: str = ""
    own_rates: Mapping[str, Rate] = field(default_factory=dict)

    @property
    def relief(self) -> Mapping[str, Rate]:
        """The rates that come off the listed prices, by tax class."""
        return self.own_rates if self.exemption and self.prices_include_tax else {}

    @property
    def shipping_relief(self) -> Rate:
        """The rate that comes off what shipping costs."""
        return self.relief.get(STANDARD, NO_TAX) if self.shipping_taxed else NO_TAX


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
    discounts: list[CartDiscount]
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


def price_cart(cart: CartSnapshot, *, shipping_price: Money, taxation: Taxation) -> Priced:
    """Price a cart, at its listed prices, for one destination; an exempt one at its net prices."""
    if taxation.exemption:
        return _exempt(cart, shipping_price, taxation)
    return price_order(
        cart,
        shipping_price=shipping_price,
        rates=taxation.rates,
        prices_include_tax=taxation.prices_include_tax,
        rounding=taxation.rounding,
        shipping_taxed=taxation.shipping_taxed,
    )


def price_order(
    cart: CartSnapshot,
    *,
    shipping_price: Money,
    rates: Mapping[str, Rate],
    prices_include_tax: bool,
    rounding: Rounding = Rounding.LINE,
    shipping_taxed: bool = True,
) -> Priced:
    """Price a cart for one destination: `rates` are those of the place where it is taxed, by tax class."""
    shipping = Money.zero(cart.currency) if cart.free_shipping else shipping_price
    shipping_rate = rates.get(STANDARD, NO_TAX) if shipping_taxed else NO_TAX
    charges = [*((line.line_total - line.discount, rates.get(line.tax_class, NO_TAX)) for line in cart.lines)]
    *line_taxes, shipping_tax = _taxes_on([*charges, (shipping, shipping_rate)], prices_include_tax, rounding)
    lines = [_line(*one, prices_include_tax) for one in zip(cart.lines, charges, line_taxes, strict=True)]
    tax_total = total(line_taxes, cart.currency) + shipping_tax
    on_top = Money.zero(cart.currency) if prices_include_tax else tax_total
    return Priced(
        lines=lines,
        discounts=cart.discounts,
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


def _exempt(cart: CartSnapshot, shipping_price: Money, taxation: Taxation) -> Priced:
    net = net_cart(cart, {tax_class: rate.rate for tax_class, rate in taxation.relief.items()})
    shipping = net_of(shipping_price, taxation.shipping_relief.rate)
    priced = price_order(net, shipping_price=shipping, rates={}, prices_include_tax=False)
    # The invoice shows what was exempt as it shows what was taxed.
    told = TaxTotal(
        title=taxation.exemption_title, rate=Fraction(0), base=priced.total, amount=Money.zero(cart.currency)
    )
    return replace(priced, taxes=[told])


def _taxes_on(charges: Sequence[Charge], included: bool, rounding: Rounding) -> list[Money]:  # noqa: FBT001  (one fact for all lines)
    """The tax of each charge, in their order."""
    if rounding == Rounding.LINE:
        return [tax_of(amount, rate.rate, included=included) for amount, rate in charges]
    taxes = [Money.zero(amount.currency) for amount, _ in charges]
    for rate in dict.fromkeys(rate for _, rate in charges):
        places = [place for place, (_, of) in enumerate(charges) if of == rate]
        exact = [exact_tax(charges[place][0], rate.rate, included=included) for place in places]
        for place, minor in zip(places, round_together(exact), strict=True):
            taxes[place] = Money(minor=minor, currency=taxes[place].currency)
    return taxes


def _line(line: CartLine, charge: Charge, tax: Money, prices_include_tax: bool) -> PricedLine:  # noqa: FBT001  (one fact for all lines)
    charged, rate = charge
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
