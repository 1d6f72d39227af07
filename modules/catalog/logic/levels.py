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


class Level(NamedTuple):
    """A locked level, as it is under the lock."""

    id: UUID
    variant_id: UUID
    sku: str
    location_id: UUID
    location: str
    is_default: bool
    on_hand: int
    held: int

    @property
    def available(self) -> int:
        return self.on_hand - self.held


def lock_levels(variant_ids: Iterable[UUID]) -> dict[UUID, list[Level]]:
    """Lock all levels of these variants until the transaction ends; who has none is left out.

    Each variant's in the order that stock is taken: the default location first, then the others by name.
    """
    levels = [Level(*row) for row in fetch(_LOCK, [list(variant_ids)])]
    found: dict[UUID, list[Level]] = {}
    for level in sorted(levels, key=lambda level: (not level.is_default, level.location)):
        found.setdefault(level.variant_id, []).append(level)
    return found


def change_levels(changes: Sequence[tuple[UUID, int]], *, on_hand: int = 0, held: int = 0) -> set[UUID]:
    """Add `on_hand` and `held` times each level's quantity to it, in one statement; lock_levels was called before
    where there are several.

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
    SELECT level.id, level.variant_id, variant.sku, location.id, location.name, location.is_default,
           level.on_hand, level.held
    FROM catalog_stocklevel level
    JOIN catalog_variant variant ON variant.id = level.variant_id
    JOIN catalog_location location ON location.id = level.location_id
    WHERE level.variant_id = ANY(%s)
    ORDER BY level.id
    FOR UPDATE OF level
"""
# A statement does not see its own changes, so what is read beside them is how it was before.
_CHANGE = f"""
    WITH changed AS (
        UPDATE catalog_stocklevel level
        SET on_hand = level.on_hand + %(on_hand)s * change.quantity, held = level.held + %(held)s * change.quantity
        FROM unnest(%(ids)s::uuid[], %(quantities)s::int[]) AS change (id, quantity)
        WHERE level.id = change.id
        RETURNING level.variant_id, (%(on_hand)s - %(held)s) * change.quantity AS quantity
    ), moved AS (
        SELECT variant_id, sum(quantity) AS quantity FROM changed GROUP BY variant_id HAVING sum(quantity) <> 0
    ), seen AS (
        SELECT variant.product_id, {AVAILABLE} AS before, moved.quantity
        FROM moved JOIN catalog_variant variant ON variant.id = moved.variant_id
    )
    SELECT DISTINCT product_id FROM seen
    WHERE (before > 0) <> (before + quantity > 0) OR (before > %(few)s) <> (before + quantity > %(few)s)
"""  # noqa: S608  (only this module's own fragment; every value is a parameter)
