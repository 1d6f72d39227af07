"""An order is confirmed: its cart has done its work."""

from uuid import UUID

import structlog

from ecommerce.kernel.ids import new_capability_id
from modules.cart.contracts import CartNotFound, OrderedLine
from modules.cart.logic import safekeeping, storage

log = structlog.get_logger(__name__)


def close_cart(*, cart_id: UUID, order_id: UUID, lines: list[OrderedLine]) -> None:
    """Retire the cart's id; what was put in beyond the order moves to a new cart. Repeating is safe.

    The old id is CartNotFound from now on. A user finds the rest in his cart; a guest's new id stands in that refusal
    as `moved_to`: who knows the old id is the guest. A cart that is gone (closed before, expired, a
    guest's that Redis lost) is fine.
    """
    try:
        basket = safekeeping.recall_basket(cart_id)
        with safekeeping.rewriting(basket.owner_id):
            storage.close_basket(basket, successor_id=new_capability_id(), lines=lines)
    except CartNotFound:
        return
    # No cart id in the log: a guest's is a key.
    log.info("cart_closed", order_id=str(order_id))
