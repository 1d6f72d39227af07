"""Limits of promotions hold whoever comes at once, and what is given back may be used again."""

from collections import Counter
from functools import partial

import pytest

from ecommerce.kernel.ids import new_id
from modules.cart.contracts import CouponExhausted, CouponInvalid, RedemptionClosed
from modules.cart.logic.promotions import change_promotion
from modules.cart.logic.redemptions import redeem, release_redemption
from modules.cart.models import Coupon, CustomerUse, Promotion, Redemption
from modules.cart.tests.at_once import all_at_once
from modules.cart.tests.factories import PromotionFactory, coupon

pytestmark = pytest.mark.django_db(transaction=True)


def order(*promotions, codes=(), customer="ada"):
    """What an order does that uses these."""
    return partial(
        redeem,
        order_id=new_id(),
        promotion_ids=[promotion.id for promotion in promotions],
        codes=list(codes),
        customer_key=customer,
    )


def used(promotion):
    return Promotion.objects.get(id=promotion.id).used


def outcomes(*calls):
    return Counter(type(outcome) for outcome in all_at_once(*calls))


def test_of_32_orders_at_once_ten_use_what_may_be_used_ten_times():
    promotion = PromotionFactory.create(usage_limit=10)

    assert outcomes(*[order(promotion, customer=str(n)) for n in range(32)]) == {type(None): 10, CouponExhausted: 22}
    assert (used(promotion), Redemption.objects.count()) == (10, 10)


def test_of_16_orders_of_one_customer_at_once_one_uses_what_he_may_use_once():
    promotion = PromotionFactory.create(usage_limit_per_customer=1)
    orders = [order(promotion) for _ in range(16)] + [order(promotion, customer="bob")]

    assert outcomes(*orders) == {type(None): 2, CouponExhausted: 15}
    assert used(promotion) == 2
    assert sorted(CustomerUse.objects.values_list("customer_key", "used")) == [("ada", 1), ("bob", 1)]


def test_of_16_orders_at_once_one_uses_a_code_that_serves_once():
    promotion = coupon("Once", code_limit=1)
    promotion.coupons.create(code="OTHER", created_at=promotion.created_at)

    assert outcomes(*[order(promotion, codes=["ONCE"]) for _ in range(16)]) == {type(None): 1, CouponExhausted: 15}
    assert dict(Coupon.objects.values_list("code", "used")) == {"Once": 1, "OTHER": 0}


def test_one_order_that_asks_again_and_again_is_counted_once():
    promotion = coupon("ONCE", usage_limit_per_customer=5)
    once = order(promotion, codes=["ONCE"])

    assert outcomes(*[once] * 8) == {type(None): 8}
    assert (used(promotion), Coupon.objects.get().used, CustomerUse.objects.get().used) == (1, 1, 1)


def test_what_is_given_back_may_be_used_again_and_is_given_back_once():
    promotion = coupon("ONCE", usage_limit=1, usage_limit_per_customer=1)
    first = order(promotion, codes=["ONCE"])
    first()

    all_at_once(*[partial(release_redemption, order_id=first.keywords["order_id"])] * 8)

    assert (used(promotion), Coupon.objects.get().used, CustomerUse.objects.get().used) == (0, 0, 0)
    order(promotion, codes=["ONCE"])()
    assert used(promotion) == 1


def test_a_code_that_changed_hands_since_is_given_back_to_nobody():
    promotion = coupon("SUMMER")
    ordered = order(promotion, codes=["SUMMER"])
    ordered()
    change_promotion(promotion_id=promotion.id, changes={"code": "WINTER"})
    other = coupon("summer", code_limit=3)
    order(other, codes=["SUMMER"])()

    release_redemption(order_id=ordered.keywords["order_id"])

    assert (used(promotion), used(other)) == (0, 1)
    assert dict(Coupon.objects.values_list("code", "used")) == {"WINTER": 0, "summer": 1}


def test_orders_and_returns_at_once_leave_what_is_held():
    promotions = [PromotionFactory.create(usage_limit=6, usage_limit_per_customer=3) for _ in range(3)]
    orders = [order(*promotions[n % 3 :], *promotions[: n % 3], customer=f"c{n % 4}") for n in range(24)]
    returns = [partial(release_redemption, order_id=one.keywords["order_id"]) for one in orders[::2]]

    assert set(outcomes(*orders, *returns)) <= {type(None), CouponExhausted, RedemptionClosed}
    held = Redemption.objects.filter(status="redeemed").count()
    assert {used(promotion) for promotion in promotions} == {held}
    assert held <= 6


@pytest.mark.parametrize(
    ("codes", "known"),
    [(["NEVER"], True), (["OTHERS"], True), ([], False)],
    ids=["a code nobody knows", "another promotion's code", "a promotion nobody knows"],
)
def test_what_is_not_known_is_refused_and_nothing_is_counted(codes, known):
    coupon("OTHERS")
    promotion = coupon("ONCE") if known else Promotion(id=new_id())

    with pytest.raises(CouponInvalid):
        order(promotion, codes=codes)()

    assert Redemption.objects.count() == 0
    assert set(Promotion.objects.values_list("used", flat=True)) == {0}
