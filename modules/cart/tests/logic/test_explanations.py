"""Each cent of a cart is accounted for."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.cart.contracts import PromotionKind as Kind
from modules.cart.logic import carts
from modules.cart.logic.explanations import explain
from modules.cart.logic.offers import Offer
from modules.cart.logic.terms import Promotion
from modules.cart.tests.factories import PromotionFactory, VariantFactory, coupon, eur, fill_cart
from modules.cart.tests.logic.test_pricing import basket, line, price_cart

PRICES = st.integers(min_value=1, max_value=10**7)


def told(explained):
    return [(part.origin.value, part.title, f"{part.amount:f}") for part in explained.parts]


def priced_with(prices, percents, amount):
    """A cart of these lines, with a promotion for each percent and one of that amount, the highest priority first."""
    variants = [VariantFactory.build(price=replace(amount, minor=price), available=999) for price, _ in prices]
    lines = [line(variant, quantity) for variant, (_, quantity) in zip(variants, prices, strict=True)]
    offered = [Promotion(id=new_id(), title="", kind=Kind.PERCENTAGE, percent=percent) for percent in percents]
    offered.append(Promotion(id=new_id(), title="", kind=Kind.FIXED, amount=amount, priority=1))
    offers = [Offer(promotion=promotion, code=None, is_used_up=False) for promotion in offered]
    held = basket(*lines, currency=amount.currency)
    return price_cart(held, {variant.id: variant for variant in variants}, *offers)


def test_price_promotion_rounding_and_remainder_are_told_apart(shelf):
    shirt, sock = shelf.put(price=eur(1999)), shelf.put(price=eur(333), product_id=UUID(int=1))
    PromotionFactory.create(title="A third off", percent=Decimal("33.33"), priority=1)
    PromotionFactory.create(title="A euro off", kind="fixed", percent=None, amount_minor=100, currency="EUR")
    cart_id = fill_cart(None, (shirt, 2), (sock, 1))

    first, second = explain(carts.get_cart(cart_id=cart_id, caller_id=None))

    assert told(first) == [
        ("price", "2 × 19.99 EUR", "39.98"),
        ("promotion", "A third off", "-13.325334"),
        ("rounding", "A third off", "0.005334"),
        ("remainder", "A third off", "-0.01"),
        ("promotion", "A euro off", "-0.92310357"),
        ("rounding", "A euro off", "0.00310357"),
    ]
    assert told(second) == [
        ("price", "1 × 3.33 EUR", "3.33"),
        ("promotion", "A third off", "-1.109889"),
        ("rounding", "A third off", "0.009889"),
        ("remainder", "A third off", "-0.01"),
        ("promotion", "A euro off", "-0.07689643"),
        ("rounding", "A euro off", "0.00689643"),
        ("remainder", "A euro off", "-0.01"),
    ]
    assert (first.total, second.total) == (eur(2573), eur(214))


@given(
    prices=st.lists(st.tuples(PRICES, st.integers(min_value=1, max_value=999)), min_size=1, max_size=8),
    percents=st.lists(st.decimals(min_value="0.01", max_value=100, places=2), max_size=3),
    amount=PRICES,
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_the_parts_of_each_line_add_up_to_what_it_costs(prices, percents, amount, currency):
    cart = priced_with(prices, percents, Money(minor=amount, currency=currency))

    lines = explain(cart)

    for one in lines:
        assert sum(part.amount for part in one.parts) == Decimal(one.total.amount)
    assert sum(Decimal(one.total.amount) for one in lines) == Decimal(cart.total.amount)


def test_what_is_not_for_sale_is_not_explained(shelf):
    shirt, hat = shelf.put(), shelf.put()
    cart_id = fill_cart(None, (shirt, 1), (hat, 1))
    shelf.take_away(hat)

    assert [one.variant_id for one in explain(carts.get_cart(cart_id=cart_id, caller_id=None))] == [shirt.id]


def test_it_is_told_when_it_is_asked_for(guest, user, shelf):
    shirt = shelf.put(price=eur(1990))
    coupon("TENTH", title="A tenth")
    for client, address in ((guest, None), (user, "/api/v1/carts/mine/")):
        cart = f"/api/v1/carts/{client.post('/api/v1/carts/').json()['id']}/"
        client.post(f"{cart}items/", {"sku": shirt.sku, "quantity": 1})
        client.post(f"{cart}coupons/", {"code": "tenth"})

        answer = client.get(f"{address or cart}?explain=true").json()

        [told_of] = answer.pop("explanation")
        assert UUID(told_of["parts"][1].pop("promotion_id"))
        assert told_of == {
            "variant_id": str(shirt.id),
            "parts": [
                {"origin": "price", "title": "1 × 19.90 EUR", "promotion_id": None, "amount": "19.90"},
                {"origin": "promotion", "title": "A tenth", "amount": "-1.99"},
            ],
            "included": [],
            "total": {"amount": "17.91", "currency": "EUR"},
        }
        assert answer == client.get(f"{cart}?explain=false").json() == client.get(cart).json()


@pytest.mark.parametrize("query", ["explain=yes", "explain=", "explian=true"])
def test_anything_else_is_refused(guest, query):
    cart = f"/api/v1/carts/{guest.post('/api/v1/carts/').json()['id']}/"

    assert guest.get(f"{cart}?{query}").status_code == 400
