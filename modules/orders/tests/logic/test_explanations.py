"""Each cent of a quote is accounted for."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money, in_major_units
from modules.cart.contracts import CartDiscount, CartSnapshot, ExplainedLine, Origin, PricePart
from modules.orders.logic.explanations import explain
from modules.orders.logic.pricing import Rate, Rounding, Taxation, price_cart, price_order
from modules.orders.logic.shipping import ShippingOption
from modules.orders.tests.carts import cart, slowly
from modules.orders.tests.logic.test_pricing import VAT, eur


def told_of(snapshot: CartSnapshot) -> CartSnapshot:
    """The cart as it is answered where an explanation was asked for; here all of a line is its price."""
    lines = []
    for line in snapshot.lines:
        charged = line.line_total - line.discount
        price = PricePart(origin=Origin.PRICE, title="", amount=in_major_units(charged.minor, charged.currency))
        lines.append(ExplainedLine(variant_id=line.variant_id, parts=[price], total=charged))
    return replace(snapshot, explanation=lines)


def standard(price: Money) -> ShippingOption:
    return ShippingOption(code="standard", title="Standard", price=price, min_days=1, max_days=2)


def told(parts: list[PricePart]) -> list[tuple[str, str, str]]:
    return [(part.origin.value, part.title, f"{part.amount:f}") for part in parts]


def test_tax_that_prices_include_is_told_beside_the_parts() -> None:
    snapshot = told_of(cart((1999, 2, 0, "standard"), (350, 1, 0, "none")))
    priced = price_order(snapshot, shipping_price=eur(490), rates=VAT, prices_include_tax=True)

    shirt, book, shipping = explain(snapshot, priced, standard(eur(490)))

    assert (told(shirt.parts), shirt.total) == ([("price", "", "39.98")], eur(3998))
    assert told(shirt.included) == [("tax", "19 %", "6.38336134"), ("rounding", "19 %", "-0.00336134")]
    assert book.included == []
    assert (shipping.variant_id, told(shipping.parts)) == (None, [("price", "Standard", "4.90")])
    assert told(shipping.included) == [("tax", "19 %", "0.78235294"), ("rounding", "19 %", "-0.00235294")]


def test_tax_on_top_and_free_shipping_are_parts() -> None:
    free = CartDiscount(promotion_id=new_id(), code=None, title="No postage", amount=eur(0))
    snapshot = replace(told_of(cart((995, 1, 0, "reduced"), free_shipping=True)), discounts=[free])
    priced = price_order(snapshot, shipping_price=eur(490), rates=VAT, prices_include_tax=False)

    book, shipping = explain(snapshot, priced, standard(eur(490)))

    assert told(book.parts) == [("price", "", "9.95"), ("tax", "7 %", "0.6965"), ("rounding", "7 %", "0.0035")]
    assert (book.included, book.total) == ([], eur(1065))
    assert told(shipping.parts) == [("price", "Standard", "4.90"), ("promotion", "No postage", "-4.90")]
    assert (shipping.parts[1].promotion_id, shipping.total) == (free.promotion_id, eur(0))


def test_without_a_method_there_is_no_shipping_to_tell_of() -> None:
    snapshot = told_of(cart((995, 1, 0, "reduced")))
    priced = price_order(snapshot, shipping_price=eur(0), rates=VAT, prices_include_tax=True)

    assert len(explain(snapshot, priced, None)) == 1


@pytest.mark.parametrize("included", [True, False])
@slowly
@given(
    lines=st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 99), st.just(0), st.just("standard")), min_size=1),
    shipping=st.integers(0, 10**5),
    rate=st.fractions(min_value=0, max_value=1),
)
def test_the_parts_add_up_to_the_total_and_the_tax(
    included: bool,
    lines: list[tuple[int, int, int, str]],
    shipping: int,
    rate: Fraction,
) -> None:
    snapshot = told_of(cart(*lines))
    rates = {"standard": Rate(title="", rate=rate)}
    priced = price_order(snapshot, shipping_price=eur(shipping), rates=rates, prices_include_tax=included)

    explained = explain(snapshot, priced, standard(eur(shipping)))

    parts = [part for line in explained for part in line.parts]
    taxed = [part for line in explained for part in [*line.parts, *line.included]]
    taxes = (part.amount for part in taxed if part.origin in (Origin.TAX, Origin.ROUNDING))
    assert sum(part.amount for part in parts) == Decimal(priced.total.amount)
    assert sum(taxes) == Decimal(priced.tax_total.amount)


EXEMPT = Taxation(rates={}, prices_include_tax=True, exemption="x", exemption_title="X", own_rates=VAT)


def test_of_an_exempt_cart_the_tax_that_comes_off_the_listed_prices_is_told() -> None:
    snapshot = told_of(cart((1999, 2, 0, "standard"), (350, 1, 0, "none")))
    priced = price_cart(snapshot, shipping_price=eur(490), taxation=EXEMPT)

    shirt, book, shipping = explain(snapshot, priced, standard(eur(490)), EXEMPT)

    assert told(shirt.parts) == [
        ("price", "", "39.98"),
        ("tax", "19 %", "-6.38336134"),
        ("rounding", "19 %", "0.00336134"),
    ]
    assert (shirt.total, book.total) == (eur(3360), eur(350))
    assert told(book.parts) == [("price", "", "3.50")]
    assert told(shipping.parts) == [
        ("price", "Standard", "4.90"),
        ("tax", "19 %", "-0.78235294"),
        ("rounding", "19 %", "0.00235294"),
    ]
    assert shipping.total == eur(412)


@slowly
@given(
    lines=st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 99), st.just(0), st.just("standard")), min_size=1),
    shipping=st.integers(0, 10**5),
    included=st.booleans(),
)
def test_the_parts_of_an_exempt_cart_add_up_to_its_total(
    lines: list[tuple[int, int, int, str]], shipping: int, included: bool
) -> None:
    snapshot, taxation = told_of(cart(*lines)), replace(EXEMPT, prices_include_tax=included)
    priced = price_cart(snapshot, shipping_price=eur(shipping), taxation=taxation)

    explained = explain(snapshot, priced, standard(eur(shipping)), taxation)

    assert sum(part.amount for line in explained for part in line.parts) == Decimal(priced.total.amount)


def test_where_tax_is_rounded_once_a_rate_the_rounding_of_a_line_is_what_it_got() -> None:
    snapshot = told_of(cart((50, 1, 0, "standard"), (50, 1, 0, "standard")))
    priced = price_order(snapshot, shipping_price=eur(0), rates=VAT, prices_include_tax=False, rounding=Rounding.TOTAL)

    first, second = explain(snapshot, priced, None)

    assert told(first.parts)[1:] == [("tax", "19 %", "0.095"), ("rounding", "19 %", "0.005")]
    assert told(second.parts)[1:] == [("tax", "19 %", "0.095"), ("rounding", "19 %", "-0.005")]
