"""Stock levels: locked in one order by everyone, so that no two wait for each other."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from modules.catalog.logic.database import fetch

# From here on a storefront says "only a few left".
FEW = 5
# Of one variant, at all locations.
AVAILABLE = """coalesce((
    SELECT sum(level.on_hand - level.held) FROM catalog_stocklevel level WHERE level.variant_id = variant.id
), 0)"""
# Found out once a statement, so that the unique index on variant and location serves the rest.
AT_DEFAULT = "level.location_id = (SELECT id FROM catalog_location WHERE is_default)"


class Level(NamedTuple):
    """A locked level, as it is under the lock."""

    id: UUID
    variant_id: UUID
    sku: str
    on_hand: int
    held: int

    @property
    def available(self) -> int:
        return self.on_hand - self.held


def lock_levels(level_ids: Iterable[UUID]) -> list[Level]:
    """Lock these levels until the transaction ends."""
    return [Level(*row) for row in fetch(_LOCK.format(which="level.id = ANY(%s)"), [list(level_ids)])]


def lock_default_levels(variant_ids: Iterable[UUID]) -> dict[UUID, Level]:
    """Lock these variants' levels at the default location until the transaction ends; who has none is left out."""
    which = f"level.variant_id = ANY(%s) AND {AT_DEFAULT}"
    return {row[1]: Level(*row) for row in fetch(_LOCK.format(which=which), [list(variant_ids)])}


def change_levels(changes: Sequence[tuple[UUID, int]], *, on_hand: int = 0, held: int = 0) -> set[UUID]:
    """Add `on_hand` and `held` times each level's quantity to it, in one statement; the levels are locked already.

    The products that a shopper now sees otherwise: in stock or not, only a few left or enough.
    """
    level_ids, quantities = zip(*changes, strict=True)
    values = {"ids": list(level_ids), "quantities": list(quantities), "on_hand": on_hand, "held": held, "few": FEW}
    return {product_id for (product_id,) in fetch(_CHANGE, values)}


def total_quantities(pairs: Iterable[tuple[UUID, int]]) -> Mapping[UUID, int]:
    """How many units of each, whatever the number of lines they came in."""
    totals: dict[UUID, Any] = {}
    for variant_id, quantity in pairs:
        totals[variant_id] = totals.get(variant_id, 0) + quantity
    return totals


_LOCK = """
    SELECT level.id, level.variant_id, variant.sku, level.on_hand, level.held
    FROM catalog_stocklevel level
    JOIN catalog_variant variant ON variant.id = level.variant_id
    WHERE {which}
    ORDER BY level.id
    FOR UPDATE OF level
"""
# A level's part of the variant's stock says when to look; how it is then is for who looks to find out.
_CHANGE = """
    WITH changed AS (
        UPDATE catalog_stocklevel level
        SET on_hand = level.on_hand + %(on_hand)s * change.quantity, held = level.held + %(held)s * change.quantity
        FROM unnest(%(ids)s::uuid[], %(quantities)s::int[]) AS change (id, quantity)
        WHERE level.id = change.id
        RETURNING level.variant_id, level.on_hand - level.held AS now,
                  level.on_hand - level.held - (%(on_hand)s - %(held)s) * change.quantity AS before
    )
    SELECT DISTINCT variant.product_id
    FROM changed JOIN catalog_variant variant ON variant.id = changed.variant_id
    WHERE (changed.now > 0) <> (changed.before > 0) OR (changed.now > %(few)s) <> (changed.before > %(few)s)
"""
