"""Coupon codes in a cart. They are compared without case, and kept in capitals."""

from modules.cart.contracts import CouponExpired, CouponInvalid, CouponMinimumNotMet, CouponUsedUp
from modules.cart.logic import storage
from modules.cart.logic.baskets import Basket, with_code
from modules.cart.logic.carts import ask_catalog, offers_for, show
from modules.cart.logic.pricing import PricedCart
from modules.cart.logic.storage import Versions

_REFUSALS = {one.code: one for one in (CouponInvalid, CouponExpired, CouponUsedUp, CouponMinimumNotMet)}


def apply_coupon(*, basket: Basket, code: str, versions: Versions = None) -> PricedCart:
    """Put a code into the cart; repeating is safe.

    Refuses one that is not known, over, used up, or whose minimum the cart does not reach. One that is for other goods,
    or beside which something better is offered, is taken: the cart says so, and it serves when it can.
    """
    folded = code.strip().upper()
    wanted = with_code(basket, folded)
    variants, offers = ask_catalog(basket.currency, ids=[line.variant_id for line in basket.lines]), offers_for(wanted)
    tried = show(wanted, variants, offers)
    for said in [*tried.requirements, *tried.notices]:
        if said.coupon == folded and (refusal := _REFUSALS.get(said.code)):
            raise refusal(said.detail)
    return show(storage.add_code(basket, folded, versions=versions), variants, offers)


def remove_coupon(*, basket: Basket, code: str, versions: Versions = None) -> PricedCart:
    """Take a code out; one that is not there changes nothing, so repeating is safe."""
    return show(storage.remove_code(basket, code.strip().upper(), versions=versions))
