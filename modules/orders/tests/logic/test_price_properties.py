"""What holds for the figures of every order, by either rounding."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce.kernel.money import Money
from modules.orders.logic.net_prices import net_cart
from modules.orders.logic.pricing import Priced, Rate, Rounding, Taxation, exact_tax, price_cart, price_order
from modules.orders.tests.carts import cart, slowly

RATES = {
    "standard": Rate(title="19 %", rate=Fraction(19, 100)),
    "reduced": Rate(title="7 %", rate=Fraction(7, 100)),
    "odd": Rate(title="8.875 %", rate=Fraction(8875, 100000)),
}
Line = tuple[int, int, int, str]


@st.composite
def a_line(draw: Any) -> Line:
    price, quantity = draw(st.integers(0, 10**6)), draw(st.integers(1, 99))
    discount = draw(st.integers(0, price * quantity))
    return price, quantity, discount, draw(st.sampled_from([*RATES, "none"]))


lines = st.lists(a_line(), min_size=1, max_size=12)
roundings = st.sampled_from(list(Rounding))


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def priced_as(
    of: list[Line], shipping: int, *, included: bool, rounding: Rounding, shipping_taxed: bool = True
) -> Priced:
    return price_order(
        cart(*of),
        shipping_price=eur(shipping),
        rates=RATES,
        prices_include_tax=included,
        rounding=rounding,
        shipping_taxed=shipping_taxed,
    )


@slowly
@given(of=lines, shipping=st.integers(0, 10**5), included=st.booleans(), rounding=roundings, taxed=st.booleans())
def test_the_parts_add_up_and_none_is_less_than_nothing(
    of: list[Line], shipping: int, included: bool, rounding: Rounding, taxed: bool
) -> None:
    priced = priced_as(of, shipping, included=included, rounding=rounding, shipping_taxed=taxed)

    on_top = eur(0) if included else priced.tax_total
    assert priced.total == priced.subtotal - priced.discount_total + priced.shipping_total + on_top
    assert sum(line.tax.minor for line in priced.lines) + priced.shipping_tax.minor == priced.tax_total.minor
    assert sum(one.amount.minor for one in priced.taxes) == priced.tax_total.minor
    assert priced.split.sales + priced.split.tax + priced.split.shipping == priced.total
    parts = [amount for line in priced.lines for amount in (line.tax, line.total)]
    assert min(amount.minor for amount in [*parts, priced.shipping_tax, *vars(priced.split).values()]) >= 0
    assert [line for line in priced.lines if line.total < line.tax] == []


@slowly
@given(of=lines, shipping=st.integers(0, 10**5), included=st.booleans(), rounding=roundings)
def test_each_rate_is_the_sum_of_its_lines_and_of_what_they_are_charged_on(
    of: list[Line], shipping: int, included: bool, rounding: Rounding
) -> None:
    priced = priced_as(of, shipping, included=included, rounding=rounding)

    for told in priced.taxes:
        of_rate = [line for line in priced.lines if line.rate.title == told.title]
        shipped = priced.shipping_rate.title == told.title
        tax = sum(line.tax.minor for line in of_rate) + (priced.shipping_tax.minor if shipped else 0)
        charged = sum((line.line.line_total - line.line.discount).minor for line in of_rate)
        charged += priced.shipping_total.minor if shipped else 0
        assert told.amount.minor == tax
        assert told.base.minor == charged - (tax if included else 0)


@slowly
@given(of=lines, shipping=st.integers(0, 10**5), included=st.booleans())
def test_the_two_roundings_differ_by_half_a_minor_unit_a_line_at_most(
    of: list[Line], shipping: int, included: bool
) -> None:
    by_line = priced_as(of, shipping, included=included, rounding=Rounding.LINE)
    by_total = priced_as(of, shipping, included=included, rounding=Rounding.TOTAL)

    assert abs(by_line.tax_total.minor - by_total.tax_total.minor) * 2 <= len(of) + 1


@slowly
@given(of=lines, included=st.booleans())
def test_by_total_each_rate_is_rounded_once_and_no_line_is_a_minor_unit_off(of: list[Line], included: bool) -> None:
    priced = priced_as(of, 0, included=included, rounding=Rounding.TOTAL)

    for rate in RATES.values():
        of_rate = [line for line in priced.lines if line.rate == rate]
        exact = [exact_tax(line.line.line_total - line.line.discount, rate.rate, included=included) for line in of_rate]
        assert abs(sum(line.tax.minor for line in of_rate) - sum(exact, Fraction(0))) <= Fraction(1, 2)
        assert [line for line, tax in zip(of_rate, exact, strict=True) if abs(line.tax.minor - tax) >= 1] == []


@slowly
@given(of=lines, shipping=st.integers(0, 10**5), included=st.booleans(), rounding=roundings)
def test_an_exempt_order_bears_no_tax_and_its_lines_are_net_prices_times_quantities(
    of: list[Line], shipping: int, included: bool, rounding: Rounding
) -> None:
    taxation = Taxation(
        rates={}, prices_include_tax=included, rounding=rounding, exemption="x", exemption_title="X", own_rates=RATES
    )

    priced = price_cart(cart(*of), shipping_price=eur(shipping), taxation=taxation)

    assert priced.tax_total == eur(0)
    assert priced.total == priced.subtotal - priced.discount_total + priced.shipping_total
    assert priced.subtotal.minor == sum(line.line.unit_price.minor * line.line.quantity for line in priced.lines)
    assert priced.discount_total.minor == sum(line.line.discount.minor for line in priced.lines)
    assert [line for line in priced.lines if line.line.line_total < line.line.discount] == []
    assert [(one.base, one.amount) for one in priced.taxes] == [(priced.total, eur(0))]
    listed = cart(*of)
    assert priced.subtotal <= listed.subtotal
    if not included:
        assert (priced.subtotal, priced.discount_total) == (listed.subtotal, listed.discount_total)


@pytest.mark.parametrize(
    ("line", "net"),
    [
        ((1999, 2, 0, "standard"), (1680, 3360, 0)),  # 16.798… each
        ((1999, 2, 3998, "standard"), (1680, 3360, 3360)),  # what takes off everything still does
        ((1999, 2, 400, "standard"), (1680, 3360, 336)),
        ((350, 1, 0, "reduced"), (327, 327, 0)),
        ((350, 1, 10, "none"), (350, 350, 10)),
        ((0, 3, 0, "standard"), (0, 0, 0)),
    ],
)
def test_a_net_price_is_the_listed_one_without_the_shops_own_tax(line: Line, net: tuple[int, int, int]) -> None:
    (made,) = net_cart(cart(line), {tax_class: rate.rate for tax_class, rate in RATES.items()}).lines

    assert (made.unit_price.minor, made.line_total.minor, made.discount.minor) == net
