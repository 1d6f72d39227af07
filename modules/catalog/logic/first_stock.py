"""What lies on the shelf of a variant that is new."""

from collections.abc import Mapping
from uuid import UUID

from ecommerce.kernel.ids import new_id
from modules.catalog.logic import journal
from modules.catalog.logic.database import execute
from modules.catalog.logic.locations import default_location_id
from modules.catalog.models import StockMovement

REASON = "First stock"


def lay_out(on_hand: Mapping[UUID, int], *, actor_id: UUID | None) -> None:
    """In the transaction that makes them: the level of each variant, and a row in the journal where it is not empty.

    A variant has its level from the start, so that whoever deletes it has something to lock against who sells it.
    """
    levels = {variant_id: new_id() for variant_id in on_hand}
    columns = [list(levels.values()), list(on_hand), list(on_hand.values())]
    execute(_INSERT, [default_location_id(), *columns])
    received = [(levels[variant_id], number) for variant_id, number in on_hand.items() if number]
    if received:
        journal.write(received, kind=StockMovement.Kind.RECEIVED, actor_id=actor_id, reason=REASON)


_INSERT = """
    INSERT INTO catalog_stocklevel (id, location_id, variant_id, on_hand, held)
    SELECT id, %s, variant_id, on_hand, 0
    FROM unnest(%s::uuid[], %s::uuid[], %s::int[]) AS level (id, variant_id, on_hand)
"""
