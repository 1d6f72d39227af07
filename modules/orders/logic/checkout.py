"""Checkout: a cart becomes an order, with its stock held and its payment begun, or nothing of it.

The request writes the order and its steps in one transaction and then drives the steps itself. Should it die half way,
the relay goes on once its lease has run out, and a repetition with the same Idempotency-Key finds the same order.
"""

import time
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.driver import drive
from ecommerce.kernel.errors import Refused, Unavailable
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.leases import Lease
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import Run, begin
from modules.cart.contracts import CartNotFound
from modules.orders.contracts import CartAlreadyOrdered, OrderNotPlaced, TotalChanged
from modules.orders.logic.cancellation import close_for_newer_cart
from modules.orders.logic.checkout_steps import Placing
from modules.orders.logic.opening import Opening, open_order
from modules.orders.logic.quotes import Quote, quote, require_orderable
from modules.orders.logic.wishes import CheckoutWish
from modules.orders.models import Order, OrderLine, TimelineEntry
from modules.payments import service as payments_service
from modules.payments.contracts import Payment

Status = Order.Status

# How long a request waits for another one that is placing the same cart.
PATIENCE_SECONDS = 10.0
LOOK_EVERY_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class PlacedOrder:
    """What a checkout answers with."""

    order: Order
    lines: list[OrderLine]
    timeline: list[TimelineEntry]
    payment: Payment | None


def place_order(*, caller: Principal, claim_id: UUID, is_new: bool, wish: CheckoutWish, language: str) -> PlacedOrder:
    """Order a cart; refuses what stands in the way and then holds nothing. Repeating a claim finds its order again."""
    if not is_new and (begun := _order_of_claim(claim_id)):
        return _wait_for(begun.pk)
    while True:
        asked = _ask(caller, wish)
        if asked is None:
            return _order_of_closed_cart(caller, wish)
        # What is short may be what the cart's own earlier order holds: that order is looked at before the refusal.
        if not asked.cart.requirements:
            _require_total(asked.priced.total, wish.expected_total)
            opening = open_order(asked, wish, caller=caller, claim_id=claim_id, language=language)
            if (driven := _write(opening)) is not None:
                return _drive(opening, *driven)
        if there := _order_there(asked, wish, claim_id):
            return _wait_for(there.pk)


def _order_of_claim(claim_id: UUID) -> Order | None:
    return Order.objects.filter(idempotency_id=claim_id).first()


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
    return _wait_for(live.pk)


def _require_total(total: Money, expected: Money | None) -> None:
    if expected is not None and expected != total:
        raise TotalChanged(
            expected={"amount": expected.amount, "currency": expected.currency},
            total={"amount": total.amount, "currency": total.currency},
        )


def _write(opening: Opening) -> tuple[Lease, list[Run]] | None:
    """Write the order with its lines and steps, the lease held; None where the cart or the claim has an order."""
    try:
        with atomic(Order):
            opening.order.save(force_insert=True)
            OrderLine.objects.bulk_create(opening.lines)
            return begin(opening.order.pk, opening.steps)
    except IntegrityError as error:
        # The cart has a live order, or the claim has an order already.
        if "order_one_live_per_cart" in str(error) or "idempotency_id" in str(error):
            return None
        raise


def _drive(opening: Opening, lease: Lease, runs: list[Run]) -> PlacedOrder:
    last = runs[-1]
    try:
        drive(lease, runs)
    except Unavailable:
        _raise_refusal(Order.objects.get(pk=opening.order.pk))
        raise
    # Whatever changes an order counts its version on: by one, and only the placing has happened to it so far.
    if isinstance(placing := last.result, Placing) and placing.payment is not None and placing.order.version == 2:
        return _placed(opening, placing)
    return _wait_for(opening.order.pk)


def _placed(opening: Opening, placing: Placing) -> PlacedOrder:
    """The answer from what this request holds in its hands: nothing is read again."""
    order = opening.order
    for name in ("number", "status", "payment_status", "placed_at", "payment_id"):
        setattr(order, name, getattr(placing.order, name))
    return PlacedOrder(order=order, lines=opening.lines, timeline=[placing.entry], payment=placing.payment)


def _live_order(cart_id: UUID) -> Order | None:
    return Order.objects.filter(cart_id=cart_id).exclude(status__in=Order.ENDED_UNSOLD).first()


def _order_there(asked: Quote, wish: CheckoutWish, claim_id: UUID) -> Order | None:
    """The order that was in the way, where it is the one that is wished for; else it is closed, or this refused."""
    # A claim may be taken over from a driver that was only slow, and that has written its order after all.
    if begun := _order_of_claim(claim_id):
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
        live = _settled(live.pk)
    if live.status == Status.OPENING and live.refusal:
        raise _being_undone()
    if is_same_cart:
        raise CartAlreadyOrdered(order_id=str(live.pk))
    if live.status == Status.PENDING:
        close_for_newer_cart(live)
    elif live.status not in Order.ENDED_UNSOLD:
        raise CartAlreadyOrdered(order_id=str(live.pk))
    return False


def _wait_for(order_id: UUID) -> PlacedOrder:
    """The answer for an order that another request, or the relay, is placing or has placed."""
    order = _settled(order_id)
    _raise_refusal(order)
    payments = payments_service.get_payments(order_ids=[order_id]) if order.payment_id else []
    return PlacedOrder(
        order=order,
        lines=list(order.lines.order_by("position")),
        timeline=list(order.timeline.order_by("at", "id")),
        payment=payments[0] if payments else None,
    )


def _settled(order_id: UUID) -> Order:
    give_up_at = clock.now().timestamp() + PATIENCE_SECONDS
    while True:
        order = Order.objects.get(pk=order_id)
        if order.status != Status.OPENING or order.refusal:
            return order
        if clock.now().timestamp() > give_up_at:
            raise Unavailable("This cart is just being ordered.", dependency="orders", retry_after=2)
        time.sleep(LOOK_EVERY_SECONDS)


def _raise_refusal(order: Order) -> None:
    if order.refusal is None:
        return
    # A payment whose answer never came may have been made: then the undoing places the order after all.
    if order.status == Status.OPENING and order.refusal["code"] == OrderNotPlaced.code:
        raise _being_undone()
    raise Refused(order.refusal)


def _being_undone() -> Unavailable:
    return Unavailable("This cart's earlier order is just being undone.", dependency="orders", retry_after=2)
