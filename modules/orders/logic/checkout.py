"""Checkout: a cart becomes an order, with its stock held and its payment begun, or nothing of it.

The request writes the order and its steps in one transaction and then drives the steps itself. Should it die half way,
the relay goes on once its lease has run out, and a repetition with the same Idempotency-Key finds the same order.
"""

from uuid import UUID

from ecommerce.kernel.identity import Principal
from modules.cart.contracts import CartNotFound
from modules.orders.contracts import CartAlreadyOrdered
from modules.orders.logic.cancellation import close_for_newer_cart
from modules.orders.logic.opening import Buyer, open_order
from modules.orders.logic.placing import (
    PlacedOrder,
    being_undone,
    drive_to_the_end,
    order_of_claim,
    settled,
    wait_for,
    write,
)
from modules.orders.logic.quotes import Quote, quote, require_orderable, require_total
from modules.orders.logic.wishes import CheckoutWish
from modules.orders.models import Order

Status = Order.Status


def place_order(*, caller: Principal, claim_id: UUID, is_new: bool, wish: CheckoutWish, language: str) -> PlacedOrder:
    """Order a cart; refuses what stands in the way and then holds nothing. Repeating a claim finds its order again."""
    if not is_new and (begun := order_of_claim(claim_id)):
        return wait_for(begun.pk)
    while True:
        asked = _ask(caller, wish)
        if asked is None:
            return _order_of_closed_cart(caller, wish)
        # What is short may be what the cart's own earlier order holds: that order is looked at before the refusal.
        if not asked.cart.requirements:
            require_total(asked, wish.expected_total)
            opening = open_order(asked, wish, Buyer(customer_id=caller.id, claim_id=claim_id, language=language))
            if (driven := write(opening)) is not None:
                return drive_to_the_end(opening, *driven)
        if there := _order_there(asked, wish, claim_id):
            return wait_for(there.pk)


def _ask(caller: Principal, wish: CheckoutWish) -> Quote | None:
    """What the cart costs; None when it is no longer there."""
    try:
        return quote(
            caller=caller,
            cart_id=wish.cart_id,
            address=wish.shipping_address,
            shipping_method=wish.shipping_method,
            vat_id=wish.vat_id,
        )
    except CartNotFound:
        return None


def _order_of_closed_cart(caller: Principal, wish: CheckoutWish) -> PlacedOrder:
    """A cart is closed when its order is confirmed: asking for the same again finds that order."""
    live = _live_order(wish.cart_id)
    if live is None or live.customer_id != caller.id:
        raise CartNotFound
    if live.fingerprint != wish.fingerprint:
        raise CartAlreadyOrdered(order_id=str(live.pk))
    return wait_for(live.pk)


def _live_order(cart_id: UUID) -> Order | None:
    return Order.objects.filter(cart_id=cart_id).exclude(status__in=Order.ENDED_UNSOLD).first()


def _order_there(asked: Quote, wish: CheckoutWish, claim_id: UUID) -> Order | None:
    """The order that was in the way, where it is the one that is wished for; else it is closed, or this refused."""
    # A claim may be taken over from a driver that was only slow, and that has written its order after all.
    if begun := order_of_claim(claim_id):
        return begun
    live = _live_order(wish.cart_id)
    if live is None:
        require_orderable(asked.cart)
        return None
    return live if _is_same(live, asked, wish) else None


def _is_same(live: Order, asked: Quote, wish: CheckoutWish) -> bool:
    """Whether the live order is what is wished for now; one for an older cart is closed, anything else refused."""
    is_same_cart = live.cart_version == asked.cart.version
    if is_same_cart and live.fingerprint == wish.fingerprint:
        return True
    if live.status == Status.OPENING and not is_same_cart:
        live = settled(live.pk)
    if live.status == Status.OPENING and live.refusal:
        raise being_undone()
    if is_same_cart:
        raise CartAlreadyOrdered(order_id=str(live.pk))
    if live.status == Status.PENDING:
        close_for_newer_cart(live)
    elif live.status not in Order.ENDED_UNSOLD:
        raise CartAlreadyOrdered(order_id=str(live.pk))
    return False
