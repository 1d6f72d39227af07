"""Coupon codes in a cart. There are no promotions yet, so no code is known."""

from modules.cart.contracts import CouponInvalid
from modules.cart.logic.baskets import Basket
from modules.cart.logic.carts import show
from modules.cart.logic.pricing import PricedCart


def apply_coupon(*, basket: Basket, code: str) -> PricedCart:
    """Put a code into the cart; CouponInvalid for one that is not known."""
    raise CouponInvalid(f"{code} is not known.")


def remove_coupon(*, basket: Basket, code: str) -> PricedCart:
    """Take a code out; one that is not there changes nothing, so repeating is safe."""
    return show(basket)
