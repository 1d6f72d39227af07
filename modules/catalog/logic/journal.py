"""The stock journal: a row for each change of what lies on hand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from modules.catalog.logic.database import fetch
from modules.catalog.models import StockMovement


def write(
    quantities: Sequence[tuple[UUID, int]],
    *,
    sign: int = 1,
    kind: StockMovement.Kind,
    reference: UUID | None = None,
    actor_id: UUID | None = None,
    reason: str = "",
) -> set[UUID]:
    """Note these levels' changes in one statement; the levels that had not yet moved so for that reference."""
    rows = fetch(
        _WRITE,
        {
            "ids": [new_id() for _ in quantities],
            "level_ids": [level_id for level_id, _ in quantities],
            "deltas": [sign * quantity for _, quantity in quantities],
            "kind": kind.value,
            "reference": reference,
            "actor_id": actor_id,
            "reason": reason,
            "now": clock.now(),
        },
    )
    return {level_id for (level_id,) in rows}


class Movement(NamedTuple):
    """A row of the journal as staff read it."""

    id: UUID
    location_id: UUID
    kind: str
    delta: int
    reason: str
    reference: UUID | None
    actor_id: UUID | None
    created_at: datetime


def list_movements(
    *, variant_id: UUID, limit: int, after: tuple[Any, ...] | None = None, backwards: bool = False
) -> list[Movement]:
    """A variant's journal at all locations, newest first: what follows these `created_at` and `id`, or what precedes.

    Each location's part is read along its index, so a page costs the same however long the journal is.
    """
    way = {"beyond": ">", "order": "ASC"} if backwards else {"beyond": "<", "order": "DESC"}
    at, last = after or (None, None)
    rows = fetch(_LIST.format(**way), {"variant_id": variant_id, "limit": limit, "at": at, "last": last})
    return [Movement(*row) for row in rows]


def forget_actor(user_id: UUID) -> None:
    """In the open transaction, blank the words of a member of staff who has erased his account; repeating is safe.

    It is all that ever changes here: what moved, when and by which account stays, and that account names nobody.
    """
    StockMovement.objects.filter(actor_id=user_id).exclude(reason="").update(reason="")


_WRITE = """
    INSERT INTO catalog_stockmovement (id, level_id, delta, kind, reference, actor_id, reason, created_at)
    SELECT id, level_id, delta, %(kind)s, %(reference)s, %(actor_id)s, %(reason)s, %(now)s
    FROM unnest(%(ids)s::uuid[], %(level_ids)s::uuid[], %(deltas)s::int[]) AS moved (id, level_id, delta)
    ON CONFLICT (reference, level_id, kind) WHERE reference IS NOT NULL DO NOTHING
    RETURNING level_id
"""
_LIST = """
    SELECT moved.id, level.location_id, moved.kind, moved.delta, moved.reason, moved.reference, moved.actor_id,
           moved.created_at
    FROM catalog_stocklevel level CROSS JOIN LATERAL (
        SELECT * FROM catalog_stockmovement moved
        WHERE moved.level_id = level.id
          AND (%(at)s::timestamptz IS NULL
               OR (moved.created_at, moved.id) {beyond} (%(at)s::timestamptz, %(last)s::uuid))
        ORDER BY moved.created_at {order}, moved.id {order}
        LIMIT %(limit)s
    ) moved
    WHERE level.variant_id = %(variant_id)s
    ORDER BY moved.created_at {order}, moved.id {order}
    LIMIT %(limit)s
"""
