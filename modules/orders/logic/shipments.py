"""Sending what was bought, in one parcel or in several, until all of it has arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.events import publish
from ecommerce.kernel.steps import add_steps
from modules.catalog.contracts import Allocation
from modules.orders.contracts import InvalidTransition, ShipmentNotFound
from modules.orders.events import OrderDelivered, OrderShipped
from modules.orders.logic import review_permits, states
from modules.orders.logic.confirmation import capture_authorized
from modules.orders.logic.fulfilment import find_taken, left_by_location
from modules.orders.logic.locations import FromLocation
from modules.orders.logic.open_edits import refuse_while_edited
from modules.orders.logic.portions import Asked, Portion, left_to_ship, lines_of, pick
from modules.orders.models import Order, OrderLine, Shipment, ShipmentItem

Status = Order.Status
Fulfilment = Order.FulfilmentStatus

SHIPPABLE = (Status.CONFIRMED, Status.PROCESSING)


@dataclass(frozen=True, kw_only=True)
class ShipmentWish:
    """What is sent (None: all that is left), by whom, under which number; from one location, or nobody says which."""

    asked: Sequence[Asked] | None
    carrier: str
    tracking_number: str
    location_id: UUID | None = None


def ship(order_id: UUID, wish: ShipmentWish, *, actor: str, claim_id: UUID | None) -> Order:
    """Note that a parcel has left. Refuses an order that is not confirmed or has been shipped (InvalidTransition), and
    more than is left, there where a location is named (InvalidQuantity). Repeating a claim changes nothing."""
    # Asked before the lock: no module is called under one, and from where a sold order was taken never changes.
    taken = _taken(order_id) if wish.location_id and not _is_noted(claim_id) else []
    with atomic(Order):
        order = states.lock(order_id)
        if _is_noted(claim_id):
            return order
        if order.status not in SHIPPABLE:
            raise InvalidTransition(status=order.status, asked=Status.PROCESSING.value)
        refuse_while_edited(order)
        lines = lines_of(order)
        here = _here(order, lines, taken, wish.location_id)
        portions = pick(lines, wish.asked, here.quantity_of if here else left_to_ship)
        shipment = _write(order, portions, wish, here, claim_id)
        _count(portions)
        note_shipped(order, shipment, actor)
        settle_fulfilment(order, lines, actor=actor)
        if order.payment_status == Order.PaymentStatus.AUTHORIZED:
            add_steps(order.pk, [capture_authorized])
    return order


def deliver(order_id: UUID, shipment_id: UUID, *, actor: str) -> Order:
    """Note that a parcel has arrived; with the last one the order is delivered. Again changes nothing."""
    with atomic(Order):
        order = states.lock(order_id)
        shipment = Shipment.objects.filter(order=order, pk=shipment_id).first()
        if shipment is None:
            raise ShipmentNotFound
        if shipment.status == Shipment.Status.SHIPPED:
            Shipment.objects.filter(pk=shipment.pk).update(status=Shipment.Status.DELIVERED, delivered_at=clock.now())
            states.change(order)
            states.note(order, "shipment_delivered", actor=actor, detail={"shipment_id": str(shipment.pk)})
            _deliver_if_all_arrived(order, actor=actor)
    return order


def settle_fulfilment(order: Order, lines: Sequence[OrderLine], *, actor: str) -> None:
    """In the open transaction: where nothing is left to ship the order is shipped (and delivered, if all of it has
    arrived), else it is being processed. An order of which nothing was shipped stays as it is."""
    if order.status not in SHIPPABLE or not any(line.fulfilled for line in lines):
        return
    if not any(left_to_ship(line) for line in lines):
        states.move(order, Status.SHIPPED, actor=actor, fulfilment_status=Fulfilment.FULFILLED)
        _deliver_if_all_arrived(order, actor=actor)
    elif order.status == Status.CONFIRMED:
        states.move(order, Status.PROCESSING, actor=actor, fulfilment_status=Fulfilment.PARTIAL)


def note_shipped(order: Order, shipment: Shipment, actor: str) -> None:
    """In the open transaction, tell the timeline and everybody else of a parcel."""
    states.change(order)
    detail: dict[str, Any] = {"shipment_id": str(shipment.pk), "carrier": shipment.carrier}
    states.note(order, "shipment_sent", actor=actor, detail=detail)
    publish(
        OrderShipped(
            order_id=order.pk,
            number=order.number or "",
            customer_id=order.customer_id,
            shipment_id=shipment.pk,
        )
    )


def _is_noted(claim_id: UUID | None) -> bool:
    return claim_id is not None and Shipment.objects.filter(idempotency_id=claim_id).exists()


def _taken(order_id: UUID) -> list[Allocation]:
    order = Order.objects.get(pk=order_id)
    return find_taken([order], {order_id: lines_of(order)})[order_id]


def _here(
    order: Order, lines: Sequence[OrderLine], taken: Sequence[Allocation], location_id: UUID | None
) -> FromLocation | None:
    """What is left at the location that is named."""
    if location_id is None:
        return None
    left = left_by_location(order, lines, taken)
    nothing = FromLocation(location=None, portions=[])
    return next((one for one in left if one.location and one.location.id == location_id), nothing)


def _write(
    order: Order, portions: Sequence[Portion], wish: ShipmentWish, here: FromLocation | None, claim_id: UUID | None
) -> Shipment:
    location = here.location if here else None
    shipment = Shipment.objects.create(
        order=order,
        location_id=location.id if location else None,
        location_name=location.name if location else None,
        carrier=wish.carrier,
        tracking_number=wish.tracking_number,
        idempotency_id=claim_id,
        shipped_at=clock.now(),
    )
    items = [ShipmentItem(shipment=shipment, line=portion.line, quantity=portion.quantity) for portion in portions]
    ShipmentItem.objects.bulk_create(items)
    return shipment


def _count(portions: Sequence[Portion]) -> None:
    for portion in portions:
        OrderLine.objects.filter(pk=portion.line.pk).update(fulfilled=F("fulfilled") + portion.quantity)
        portion.line.fulfilled += portion.quantity


def _deliver_if_all_arrived(order: Order, *, actor: str) -> None:
    on_the_way = Shipment.objects.filter(order=order, status=Shipment.Status.SHIPPED).exists()
    if order.status != Status.SHIPPED or on_the_way:
        return
    # Before the move: with it an order whose customer was erased forgets him.
    if steps := review_permits.steps_for(order):
        add_steps(order.pk, steps)
    states.move(order, Status.DELIVERED, actor=actor, delivered_at=clock.now())
    publish(OrderDelivered(order_id=order.pk, number=order.number or "", customer_id=order.customer_id))
