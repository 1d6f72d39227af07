"""Buying the same again: an order's lines in a cart, at today's prices."""

from dataclasses import dataclass
from uuid import UUID

from ecommerce.kernel.identity import Principal
from modules.cart import service as cart_service
from modules.cart.contracts import LeftOut, OrderedLine
from modules.orders.logic.portions import lines_of
from modules.orders.models import Order, OrderLine


@dataclass(frozen=True, kw_only=True)
class Reordered:
    """The cart, and what of the order it could not take, each with its line."""

    cart_id: UUID
    left_out: list[tuple[OrderLine, LeftOut]]


def reorder(order: Order, *, caller: Principal) -> Reordered:
    """Put what an order holds into the caller's cart, or into a new one of a guest, as far as it is for sale and in
    stock. Changes nothing on the order; repeating it adds once more."""
    lines = {line.variant_id: line for line in lines_of(order)}
    wanted = [OrderedLine(variant_id=variant_id, quantity=line.quantity) for variant_id, line in lines.items()]
    # Staff who look at somebody's order fill a cart for him, not their own.
    own = caller.id if caller.id == order.customer_id else None
    filled = cart_service.fill_cart(caller_id=own, currency=order.currency, lines=wanted)
    return Reordered(cart_id=filled.cart_id, left_out=[(lines[left.variant_id], left) for left in filled.left_out])
