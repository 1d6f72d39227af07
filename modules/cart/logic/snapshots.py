"""What checkout sees of a cart."""

from dataclasses import replace
from uuid import UUID

from modules.cart.contracts import CartSnapshot
from modules.cart.logic import explanations
from modules.cart.logic.carts import get_cart
from modules.cart.logic.pricing import PricedCart


def get_snapshot(*, cart_id: UUID, caller_id: UUID | None, explain: bool = False) -> CartSnapshot:
    """The cart at one version, priced now; CartNotFound also for somebody else's. Changes nothing, and `explain` tells
    where each cent comes from.

    What is not for sale any more is no line of it, only a requirement: with one of those it cannot be ordered.
    """
    cart = get_cart(cart_id=cart_id, caller_id=caller_id)
    snapshot = _snapshot(cart)
    return replace(snapshot, explanation=explanations.explain(cart)) if explain else snapshot


def _snapshot(cart: PricedCart) -> CartSnapshot:
    return CartSnapshot(
        cart_id=cart.basket.id,
        version=cart.basket.version,
        currency=cart.basket.currency,
        owner_id=cart.basket.owner_id,
        lines=[priced.line for priced in cart.lines if priced.is_for_sale],
        discounts=cart.discounts,
        # Only those that serve: the others are not the order's, which would be refused for them.
        codes=[discount.code for discount in cart.discounts if discount.code],
        free_shipping=cart.free_shipping,
        subtotal=cart.subtotal,
        discount_total=cart.discount_total,
        total=cart.total,
        requirements=cart.requirements,
    )
