"""What an order costs."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ecommerce.kernel.money import Money
from modules.orders.logic.pricing import Rate, price_order, tax_of
from modules.orders.tests.carts import cart, slowly

VAT = {"standard": Rate(title="19 %", rate=Fraction(19, 100)), "reduced": Rate(title="7 %", rate=Fraction(7, 100))}


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def test_where_prices_include_tax_it_is_taken_out_per_line_and_rounded_half_up() -> None:
    priced = price_order(
        cart((1999, 2, 0, "standard"), (350, 1, 0, "reduced")),
        shipping_price=eur(490),
        rates=VAT,
        prices_include_tax=True,
    )

    assert [line.tax.minor for line in priced.lines] == [638, 23]
    assert (priced.shipping_tax, priced.tax_total) == (eur(78), eur(739))
    assert (priced.subtotal, priced.total) == (eur(4348), eur(4838))
    assert [(one.title, one.base.minor, one.amount.minor) for one in priced.taxes] == [
        ("19 %", 3772, 716),
        ("7 %", 327, 23),
    ]
    split = priced.split
    assert (split.sales.minor, split.tax.minor, split.shipping.minor) == (3687, 739, 412)


def test_where_prices_exclude_tax_it_comes_on_top() -> None:
    priced = price_order(cart((1000, 1, 100, "standard")), shipping_price=eur(500), rates=VAT, prices_include_tax=False)

    assert (priced.tax_total, priced.total) == (eur(171 + 95), eur(1000 - 100 + 500 + 266))
    assert priced.lines[0].total == eur(900 + 171)


def test_where_nothing_is_charged_there_is_no_tax_line() -> None:
    priced = price_order(cart((1000, 1, 0, "standard")), shipping_price=eur(0), rates={}, prices_include_tax=False)

    assert (priced.taxes, priced.tax_total, priced.total) == ([], eur(0), eur(1000))


def test_free_shipping_lowers_the_shipping_and_not_the_discount() -> None:
    priced = price_order(
        cart((1000, 1, 0, "standard"), free_shipping=True),
        shipping_price=eur(490),
        rates=VAT,
        prices_include_tax=True,
    )

    assert (priced.shipping_total, priced.discount_total, priced.total) == (eur(0), eur(0), eur(1000))


def test_a_half_cent_of_tax_is_rounded_up() -> None:
    assert tax_of(eur(50), Fraction(19, 100), included=False) == eur(10)  # 9.5


lines = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(1, 999), st.just(0), st.sampled_from(["standard", "reduced", "none"])),
    min_size=1,
    max_size=20,
)


@slowly
@given(lines=lines, shipping=st.integers(0, 10**5), included=st.booleans())
def test_the_parts_always_add_up_to_the_total(
    lines: list[tuple[int, int, int, str]], shipping: int, included: bool
) -> None:
    priced = price_order(cart(*lines), shipping_price=eur(shipping), rates=VAT, prices_include_tax=included)

    on_top = eur(0) if included else priced.tax_total
    assert priced.total == priced.subtotal - priced.discount_total + priced.shipping_total + on_top
    assert priced.split.sales + priced.split.tax + priced.split.shipping == priced.total
    assert sum(line.tax.minor for line in priced.lines) + priced.shipping_tax.minor == priced.tax_total.minor
    assert sum(one.amount.minor for one in priced.taxes) == priced.tax_total.minor
    shipping_paid = priced.shipping_total if included else priced.shipping_total + priced.shipping_tax
    assert sum(line.total.minor for line in priced.lines) + shipping_paid.minor == priced.total.minor


@slowly
@given(lines=lines)
def test_the_order_of_the_lines_does_not_matter(lines: list[tuple[int, int, int, str]]) -> None:
    mixed = sorted(lines)

    def total(of: list[tuple[int, int, int, str]]) -> Money:
        return price_order(cart(*of), shipping_price=eur(490), rates=VAT, prices_include_tax=True).tax_total

    assert total(lines) == total(mixed)
