"""From where an order is still to be shipped: what catalog says of its stock, less what has left already."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from modules.catalog import service as catalog_service
from modules.catalog.contracts import Allocation
from modules.orders.logic.locations import FromLocation, Sent, by_location
from modules.orders.logic.portions import lines_of
from modules.orders.models import Order, OrderLine, ShipmentItem


def references_of(order: Order, lines: Sequence[OrderLine]) -> set[UUID]:
    """Under which references catalog keeps the order's stock: its own, and those of the edits that its lines came by.
    It keeps none of what was sold elsewhere."""
    edits = {line.edit_id for line in lines if line.edit_id}
    return set() if order.is_imported else {order.stock_reference, *edits}


def fulfilment_of(order_id: UUID) -> list[FromLocation]:
    """What is still to be shipped of an order, by the location that it was taken from."""
    order = Order.objects.get(pk=order_id)
    lines = lines_of(order)
    return left_by_location(order, lines, find_taken([order], {order.pk: lines})[order.pk])


def find_taken(orders: Sequence[Order], lines: Mapping[UUID, Sequence[OrderLine]]) -> dict[UUID, list[Allocation]]:
    """From where the stock of each order was taken; asks catalog, once for all of them."""
    owners = {reference: order.pk for order in orders for reference in references_of(order, lines[order.pk])}
    found: dict[UUID, list[Allocation]] = {order.pk: [] for order in orders}
    for one in catalog_service.find_allocations(order_ids=list(owners)) if owners else []:
        found[owners[one.order_id]].append(one)
    return found


def left_by_location(
    order: Order, lines: Sequence[OrderLine], taken: Sequence[Allocation], sent: Sent | None = None
) -> list[FromLocation]:
    """What is still to be shipped of an order, of which catalog said before from where it was taken."""
    if order.status in Order.ENDED_UNSOLD:
        return []
    # It may have been revived since, with stock that was taken anew.
    references = references_of(order, lines)
    valid = [one for one in taken if one.order_id in references]
    return by_location(lines, valid, _sent([order])[order.pk] if sent is None else sent)


def split_orders(orders: Sequence[Order], lines: Mapping[UUID, Sequence[OrderLine]]) -> dict[UUID, list[FromLocation]]:
    """The same of several orders, but only of those whose stock was taken from more than one location."""
    taken = find_taken(orders, lines)
    split = [order for order in orders if len({one.location_id for one in taken[order.pk]}) > 1]
    sent = _sent(split)
    return {order.pk: left_by_location(order, lines[order.pk], taken[order.pk], sent[order.pk]) for order in split}


def _sent(orders: Sequence[Order]) -> dict[UUID, Sent]:
    sent: dict[UUID, Counter[tuple[UUID, UUID]]] = {order.pk: Counter() for order in orders}
    if not orders:
        return dict(sent)
    items = ShipmentItem.objects.filter(shipment__order__in=orders).order_by("id")
    found = items.values_list("shipment__order_id", "line__variant_id", "shipment__location_id", "quantity")
    for order_id, variant_id, location_id, quantity in found:
        if location_id:
            sent[order_id][variant_id, location_id] += quantity
    return dict(sent)
