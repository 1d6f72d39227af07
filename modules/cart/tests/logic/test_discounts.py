"""What promotions take off: golden cases to read, and what holds for every cart and every set of promotions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce.kernel.money import Money
from modules.cart.contracts import PromotionKind as Kind
from modules.cart.logic.discounts import Unfit, discount, why_unfit
from modules.cart.logic.terms import Goods, Promotion, Tier

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHIRTS, SHOES, CLOTHES = UUID(int=0xA1), UUID(int=0xA2), UUID(int=0xA0)


def eur(amount):
    return Money.parse(amount, "EUR")


def line(number, price, quantity=1, *shelves):
    """The product and its variant are both of that number."""
    return Goods(
        variant_id=UUID(int=number),
        product_id=UUID(int=100 + number),
        category_ids=shelves,
        quantity=quantity,
        unit_minor=eur(price).minor,
    )


def promotion(number, kind, **values):
    return Promotion(id=UUID(int=number), title=f"Promotion {number}", kind=kind, **values)


def percent(number, value, **values):
    return promotion(number, Kind.PERCENTAGE, percent=Decimal(value), **values)


def fixed(number, value, **values):
    return promotion(number, Kind.FIXED, amount=eur(value), **values)


def free_shipping(number, **values):
    return promotion(number, Kind.FREE_SHIPPING, **values)


def buy(number, bought, got, value="100", **values):
    return promotion(number, Kind.BUY_X_GET_Y, buy=bought, get=got, percent=Decimal(value), **values)


def tiers(number, steps, **values):
    made = [Tier(quantity=quantity, percent=Decimal(value)) for quantity, value in steps.items()]
    return promotion(number, Kind.TIERED, tiers=made, **values)


SHIRT, SHOE, HAT = line(1, "19.90", 2, SHIRTS, CLOTHES), line(2, "50.00", 1, SHOES, CLOTHES), line(3, "10.00", 1)
ALONE = {"stackable": False}
FOR_SHIRTS, FOR_SHOES, FOR_CLOTHES = ({"category_ids": frozenset({shelf})} for shelf in (SHIRTS, SHOES, CLOTHES))
FOR_HATS = {"product_ids": frozenset({UUID(int=103)})}

# fmt: off
# the promotions offered → what each takes off, in euros; then the shares of the lines.
GOLDEN = {
    "nothing is offered": ([], {}, [0, 0, 0]),
    "a tenth of everything": ([percent(1, "10")], {1: "9.98"}, [398, 500, 100]),
    "a tenth of the shirts": ([percent(1, "10", **FOR_SHIRTS)], {1: "3.98"}, [398, 0, 0]),
    "a tenth of what stands below clothes": ([percent(1, "10", **FOR_CLOTHES)], {1: "8.98"}, [398, 500, 0]),
    "a tenth of one product": ([percent(1, "10", **FOR_HATS)], {1: "1.00"}, [0, 0, 100]),
    "a product or a shelf": ([percent(1, "10", **FOR_HATS, **FOR_SHOES)], {1: "6.00"}, [0, 500, 100]),
    "ten euros, shared by what lines cost": ([fixed(1, "10.00")], {1: "10.00"}, [399, 501, 100]),
    "more than it costs": ([fixed(1, "500.00")], {1: "99.80"}, [3980, 5000, 1000]),
    "more than the hat costs": ([fixed(1, "25.00", **FOR_HATS)], {1: "10.00"}, [0, 0, 1000]),
    "free shipping takes nothing off": ([free_shipping(1)], {1: "0.00"}, [0, 0, 0]),
    "buy three, the cheapest is free": ([buy(1, 3, 1)], {1: "10.00"}, [0, 0, 1000]),
    "buy one, get one: the two cheapest": ([buy(1, 1, 1)], {1: "29.90"}, [1990, 0, 1000]),
    "buy one, get one at half its price": ([buy(1, 1, 1, "50")], {1: "14.95"}, [995, 0, 500]),
    "buy two shirts, get a third: there are two": ([buy(1, 2, 1, **FOR_SHIRTS)], {}, [0, 0, 0]),
    "from two on 5 %, from four on 10 %": ([tiers(1, {2: "5", 4: "10"})], {1: "9.98"}, [398, 500, 100]),
    "two shirts reach the first tier": ([tiers(1, {2: "5", 4: "10"}, **FOR_SHIRTS)], {1: "1.99"}, [199, 0, 0]),
    "one pair of shoes reaches none": ([tiers(1, {2: "5"}, **FOR_SHOES)], {}, [0, 0, 0]),
    "two stack, the older first": ([percent(2, "50"), percent(1, "10")], {1: "9.98", 2: "44.91"}, [2189, 2750, 550]),
    "two stack, the higher priority first": (
        [percent(1, "10"), fixed(2, "20.00", priority=5)], {2: "20.00", 1: "7.98"}, [1116, 1402, 280],
    ),
    "one that does not stack takes more": (
        [percent(1, "10"), fixed(2, "5.00"), percent(3, "20", **ALONE)], {3: "19.96"}, [796, 1000, 200],
    ),
    "one that does not stack takes less": (
        [percent(1, "10"), fixed(2, "12.00"), percent(3, "20", **ALONE)], {1: "9.98", 2: "12.00"}, [877, 1101, 220],
    ),
    "at the same amount the stacked ones": (
        [percent(1, "10", **ALONE), percent(2, "10")], {2: "9.98"}, [398, 500, 100],
    ),
    "at the same amount with free shipping": (
        [percent(1, "10", **ALONE), percent(2, "10", **ALONE), free_shipping(3)], {1: "9.98"}, [398, 500, 100],
    ),
    "of two alone the higher priority": (
        [percent(1, "10", **ALONE), percent(2, "10", priority=1, **ALONE)], {2: "9.98"}, [398, 500, 100],
    ),
    "from 99.80 on": ([percent(1, "10", minimum=eur("99.80"))], {1: "9.98"}, [398, 500, 100]),
    "from 99.81 on": ([percent(1, "10", minimum=eur("99.81"))], {}, [0, 0, 0]),
    "not before it begins": ([percent(1, "10", starts_at=NOW + HOUR)], {}, [0, 0, 0]),
    "from its beginning": ([percent(1, "10", starts_at=NOW)], {1: "9.98"}, [398, 500, 100]),
    "not at its end": ([percent(1, "10", ends_at=NOW)], {}, [0, 0, 0]),
    "not in another currency": ([promotion(1, Kind.FIXED, amount=Money.parse("5.00", "USD"))], {}, [0, 0, 0]),
}
# fmt: on


@pytest.mark.parametrize(("offered", "taken", "shares"), GOLDEN.values(), ids=GOLDEN)
def test_what_is_offered_takes_off(offered, taken, shares):
    cart = [SHIRT, SHOE, HAT]

    outcome = discount(cart, offered, currency="EUR", at=NOW)

    assert {one.promotion.id.int: one.amount for one in outcome.applied} == {
        number: eur(amount).minor for number, amount in taken.items()
    }
    assert [outcome.by_line().get(one.variant_id, 0) for one in cart] == shares


def test_free_shipping_is_told():
    assert discount([HAT], [free_shipping(1)], currency="EUR", at=NOW).free_shipping
    assert not discount([HAT], [percent(1, "10")], currency="EUR", at=NOW).free_shipping


def test_a_reason_is_given_for_what_does_not_apply():
    reasons = {
        Unfit.NOT_YET: percent(1, "10", starts_at=NOW + HOUR),
        Unfit.EXPIRED: percent(1, "10", ends_at=NOW),
        Unfit.OTHER_CURRENCY: percent(1, "10", minimum=Money.parse("1", "JPY")),
        Unfit.MINIMUM_NOT_MET: percent(1, "10", minimum=eur("10.01")),
        Unfit.NO_GOODS: percent(1, "10", product_ids=frozenset({UUID(int=9)})),
        None: percent(1, "10"),
    }
    assert {why_unfit(one, [HAT], currency="EUR", at=NOW): one for one in reasons.values()} == reasons


percents = st.decimals(min_value=Decimal("0.01"), max_value=100, places=2)
shelves = st.sets(st.sampled_from([SHIRTS, SHOES, CLOTHES]), max_size=2).map(frozenset)
common = {
    "category_ids": shelves,
    "stackable": st.booleans(),
    "priority": st.integers(-2, 2),
    "minimum": st.none() | st.integers(0, 20_000).map(lambda minor: Money(minor=minor, currency="EUR")),
}
ids = st.integers(1, 1 << 32).map(lambda number: UUID(int=number))
amounts = st.integers(1, 30_000).map(lambda minor: Money(minor=minor, currency="EUR"))
steps = st.dictionaries(st.integers(1, 9), percents, min_size=1, max_size=3).map(
    lambda found: [Tier(quantity=quantity, percent=value) for quantity, value in found.items()]
)
offers = st.lists(
    st.one_of(
        st.builds(Promotion, id=ids, title=st.just("%"), kind=st.just(Kind.PERCENTAGE), percent=percents, **common),
        st.builds(Promotion, id=ids, title=st.just("-"), kind=st.just(Kind.FIXED), amount=amounts, **common),
        st.builds(Promotion, id=ids, title=st.just("0"), kind=st.just(Kind.FREE_SHIPPING), **common),
        st.builds(
            Promotion, id=ids, title=st.just("+"), kind=st.just(Kind.BUY_X_GET_Y), percent=percents,
            buy=st.integers(1, 3), get=st.integers(1, 3), **common,
        ),
        st.builds(Promotion, id=ids, title=st.just("#"), kind=st.just(Kind.TIERED), tiers=steps, **common),
    ),
    max_size=5,
    unique_by=lambda one: one.id,
)  # fmt: skip
carts = st.lists(
    st.builds(
        Goods,
        variant_id=ids,
        product_id=ids,
        category_ids=shelves.map(tuple),
        quantity=st.integers(1, 12),
        unit_minor=st.integers(0, 9_999),
    ),
    max_size=6,
    unique_by=lambda one: one.variant_id,
)


@given(cart=carts, offered=offers)
def test_no_line_costs_less_than_nothing_and_the_parts_are_the_whole(cart, offered):
    outcome = discount(cart, offered, currency="EUR", at=NOW)

    off = outcome.by_line()
    assert all(0 <= off.get(one.variant_id, 0) <= one.minor for one in cart)
    assert sum(off.values()) == outcome.amount
    for applied in outcome.applied:
        assert sum(part.amount for part in applied.shares) == applied.amount
        assert all(part.remainder in (0, 1) for part in applied.shares)
        assert all(0 <= part.exact - (part.amount - part.remainder) < 1 for part in applied.shares)


@given(cart=carts, offered=offers, chance=st.randoms())
def test_the_order_of_lines_and_promotions_is_no_matter(cart, offered, chance):
    expected = discount(cart, offered, currency="EUR", at=NOW)
    chance.shuffle(cart)
    chance.shuffle(offered)
    assert discount(cart, offered, currency="EUR", at=NOW) == expected


@given(cart=carts, offered=offers)
def test_no_documented_choice_takes_off_more(cart, offered):
    chosen = discount(cart, offered, currency="EUR", at=NOW)
    stacked = [one for one in offered if one.stackable]
    choices = [stacked, *([one] for one in offered if not one.stackable)]

    others = [discount(cart, choice, currency="EUR", at=NOW) for choice in choices]

    assert chosen.amount == max(other.amount for other in others)
    best = [other for other in others if other.amount == chosen.amount]
    assert chosen.free_shipping == any(other.free_shipping for other in best)


@given(cart=carts, offered=offers)
def test_one_more_that_stacks_alone_never_makes_it_worse_than_without_any(cart, offered):
    without = discount(cart, [one for one in offered if not one.stackable], currency="EUR", at=NOW)
    assert discount(cart, offered, currency="EUR", at=NOW).amount >= without.amount
