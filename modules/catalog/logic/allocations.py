"""From where the units of an order were taken: a hold's lines, for whoever packs its parcels."""

from uuid import UUID

from modules.catalog.contracts import Allocation
from modules.catalog.logic.database import fetch


def find_allocations(*, order_ids: list[UUID]) -> list[Allocation]:
    """Which units were taken from where, of holds that are held or sold; others, and unknown ones, are left out.

    By hold, then by location, the one that was opened first first. What is returned later is not taken off.
    """
    if not order_ids:
        return []
    rows = fetch(_FIND, [list(order_ids)])
    return [
        Allocation(order_id=order_id, variant_id=variant_id, location_id=location_id, location=name, quantity=quantity)
        for order_id, variant_id, location_id, name, quantity in rows
    ]


# One level is one variant at one location, and a hold has one line of a level.
_FIND = """
    SELECT hold.order_id, level.variant_id, location.id, location.name, line.quantity
    FROM catalog_stockhold hold
    JOIN catalog_stockholdline line ON line.hold_id = hold.id
    JOIN catalog_stocklevel level ON level.id = line.level_id
    JOIN catalog_location location ON location.id = level.location_id
    WHERE hold.order_id = ANY(%s) AND hold.status <> 'released'
    ORDER BY hold.order_id, location.id, level.variant_id
"""
