"""What a cart costs."""

from hypothesis import given
from hypothesis import strategies as st

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.cart.logic import pricing
from modules.cart.logic.baskets import Basket, BasketLine, Seen
from modules.cart.tests.factories import VariantFactory, eur


def price_cart(basket, variants, *offers):
    return pricing.price_cart(basket, variants, offers, at=clock.now())


def basket(*lines, currency="EUR"):
    return Basket(id=new_id(), version=1, currency=currency, owner_id=None, changed_at=clock.now(), lines=list(lines))


def line(variant, quantity=1, seen=None):
    return BasketLine(
        variant_id=variant.id,
        quantity=quantity,
        seen=Seen(price=seen or variant.price, sku=variant.sku, title=variant.title),
    )


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(1, 999)), max_size=20))
def test_the_total_is_the_sum_of_the_lines_to_the_cent(items):
    variants = [VariantFactory.build(price=eur(price), available=999) for price, _ in items]
    lines = [line(variant, quantity) for variant, (_, quantity) in zip(variants, items, strict=True)]

    priced = price_cart(basket(*lines), {variant.id: variant for variant in variants})

    assert priced.subtotal.minor == sum(price * quantity for price, quantity in items)
    assert priced.total == priced.subtotal - priced.discount_total
    assert sum(p.line.line_total.minor for p in priced.lines) == priced.subtotal.minor


def test_yen_have_no_decimals():
    kimono = VariantFactory.build(price=Money(minor=1990, currency="JPY"))

    assert price_cart(basket(line(kimono, 2), currency="JPY"), {kimono.id: kimono}).total.amount == "3980"


def test_a_line_at_the_price_that_was_seen_has_not_changed():
    shirt = VariantFactory.build()

    priced = price_cart(basket(line(shirt)), {shirt.id: shirt})

    assert [p.price_changed for p in priced.lines] == [False]
    assert priced.requirements == []


def test_a_variant_that_lost_its_price_is_not_available():
    shirt = VariantFactory.build()
    priceless = VariantFactory.build(id=shirt.id, price=None)

    priced = price_cart(basket(line(shirt, 2)), {shirt.id: priceless})

    assert [requirement.code for requirement in priced.requirements] == ["not_available"]
    assert priced.total == eur(0)


def test_all_of_the_stock_may_be_in_a_cart():
    shirt = VariantFactory.build(available=3)

    assert price_cart(basket(line(shirt, 3)), {shirt.id: shirt}).requirements == []
    assert [r.code for r in price_cart(basket(line(shirt, 4)), {shirt.id: shirt}).requirements] == ["out_of_stock"]
