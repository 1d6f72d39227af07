"""From an order that is written to one that is placed: this request drives its steps, or waits for whoever does."""

import time
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.driver import drive
from ecommerce.kernel.errors import Refused, Unavailable
from ecommerce.kernel.leases import Lease
from ecommerce.kernel.steps import Run, begin
from modules.orders.contracts import OrderNotPlaced
from modules.orders.logic.checkout_steps import Placing
from modules.orders.logic.opening import Opening
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


def order_of_claim(claim_id: UUID) -> Order | None:
    """The order that this claim has written before."""
    return Order.objects.filter(idempotency_id=claim_id).first()


def write(opening: Opening) -> tuple[Lease, list[Run]] | None:
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


def drive_to_the_end(opening: Opening, lease: Lease, runs: list[Run]) -> PlacedOrder:
    """Drive what was written until it is placed; raises what it was refused with, and Unavailable where that is not
    known."""
    last = runs[-1]
    try:
        drive(lease, runs)
    except Unavailable:
        _raise_refusal(Order.objects.get(pk=opening.order.pk))
        raise
    # Whatever changes an order counts its version on: by one, and only the placing has happened to it so far.
    if isinstance(placing := last.result, Placing) and placing.payment is not None and placing.order.version == 2:
        return _placed(opening, placing)
    return wait_for(opening.order.pk)


def wait_for(order_id: UUID) -> PlacedOrder:
    """The answer for an order that another request, or the relay, is placing or has placed."""
    order = settled(order_id)
    _raise_refusal(order)
    payments = payments_service.get_payments(order_ids=[order_id]) if order.payment_id else []
    return PlacedOrder(
        order=order,
        lines=list(order.lines.order_by("position")),
        timeline=list(order.timeline.order_by("at", "id")),
        payment=payments[0] if payments else None,
    )


def settled(order_id: UUID) -> Order:
    """The order once it is placed or refused."""
    give_up_at = clock.now().timestamp() + PATIENCE_SECONDS
    while True:
        order = Order.objects.get(pk=order_id)
        if order.status != Status.OPENING or order.refusal:
            return order
        if clock.now().timestamp() > give_up_at:
            raise Unavailable("This cart is just being ordered.", dependency="orders", retry_after=2)
        time.sleep(LOOK_EVERY_SECONDS)


def being_undone() -> Unavailable:
    """What a request is told that comes while a refused checkout is still being undone."""
    return Unavailable("This cart's earlier order is just being undone.", dependency="orders", retry_after=2)


def _placed(opening: Opening, placing: Placing) -> PlacedOrder:
    """The answer from what this request holds in its hands: nothing is read again."""
    order = opening.order
    for name in ("number", "status", "payment_status", "placed_at", "payment_id"):
        setattr(order, name, getattr(placing.order, name))
    return PlacedOrder(order=order, lines=opening.lines, timeline=[placing.entry], payment=placing.payment)


def _raise_refusal(order: Order) -> None:
    if order.refusal is None:
        return
    # A payment whose answer never came may have been made: then the undoing places the order after all.
    if order.status == Status.OPENING and order.refusal["code"] == OrderNotPlaced.code:
        raise being_undone()
    raise Refused(order.refusal)
