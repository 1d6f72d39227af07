"""What is broken is found: each planted break by the invariant that is about it, and by no other."""

import pytest

from ecommerce.kernel.ids import new_id
from modules.cart.logic import safekeeping
from modules.cart.logic.database import execute, fetch
from modules.cart.logic.invariants import INVARIANTS
from modules.cart.logic.redemptions import redeem, release_redemption
from modules.cart.tests.factories import coupon, fill_cart

PROMOTION = "a promotion is used as often as orders use it"
CODE = "a code is used by no fewer orders than it counts"
CUSTOMER = "a customer uses a promotion by no fewer orders than are counted"
SAVED = "a saved cart is its owner's"


@pytest.fixture
def used(own_redis, user_id, shelf):
    """Two orders that use a code, one that gave it back, and a saved cart."""
    promotion = coupon("SUMMER", usage_limit_per_customer=9)
    for _ in range(3):
        order_id = new_id()
        redeem(order_id=order_id, promotion_ids=[promotion.id], codes=["summer"], customer_key="ada")
    release_redemption(order_id=order_id)
    fill_cart(user_id, (shelf.put(), 1))
    safekeeping.save_due()


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        ("UPDATE cart_promotion SET used = 1", {PROMOTION}),
        ("UPDATE cart_promotion SET used = 3", {PROMOTION}),
        ("UPDATE cart_coupon SET used = 3", {CODE}),
        ("UPDATE cart_coupon SET used = 1", set()),
        ("UPDATE cart_customeruse SET used = 3", {CUSTOMER}),
        ("UPDATE cart_customeruse SET customer_key = 'eve'", {CUSTOMER}),
        ("DELETE FROM cart_redemption", {PROMOTION, CODE, CUSTOMER}),
        ("UPDATE cart_savedcart SET owner_id = gen_random_uuid()", {SAVED}),
        ("UPDATE cart_savedcart SET cart_id = gen_random_uuid()", {SAVED}),
        ("UPDATE cart_promotion SET title = 'Other'", set()),
    ],
)
def test_a_break_is_found_by_its_invariant_alone(used, plant, found):
    assert broken() == set()

    execute(plant)

    assert broken() == found


def broken():
    return {one.name for one in INVARIANTS if fetch(one.sql)}
