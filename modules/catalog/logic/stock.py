"""What lies on the shelf: received, returned, damaged, counted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import HoldStatus, NotEnoughStock, StockHeld, StockLine, UnknownVariant
from modules.catalog.logic import journal
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.levels import Level, change_levels, lock_levels, total_quantities
from modules.catalog.logic.listings import show_stock
from modules.catalog.logic.locations import default_location_id, find_location_id
from modules.catalog.models import StockLevel, StockMovement

# What staff may say happened; a sale or a return is never said, it is done.
SAID = {"received": StockMovement.Kind.RECEIVED, "damaged": StockMovement.Kind.DAMAGED}
MAX_ON_HAND = 2**31 - 1
SHOWN_REFERENCES = 20


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """What lies at one location."""

    id: UUID
    name: str
    on_hand: int
    held: int


@dataclass(frozen=True, kw_only=True)
class Stock:
    """A variant's stock at all locations, in the order it is taken from."""

    variant_id: UUID
    on_hand: int
    held: int
    locations: list[Shelf] = field(default_factory=list)

    @property
    def available(self) -> int:
        return self.on_hand - self.held


@dataclass(frozen=True, kw_only=True)
class StockTake:
    """So many were found, and why that is written down."""

    on_hand: int
    reason: str


def get_stock(*, variant_id: UUID) -> Stock:
    """A variant's stock as it is now; refuses an unknown variant."""
    rows = fetch(_STOCK, [variant_id])
    if not rows:
        raise UnknownVariant
    return _sum(variant_id, [Shelf(id=i, name=name, on_hand=on, held=held) for i, name, on, held in rows if i])


def return_stock(*, reference: UUID, lines: list[StockLine]) -> None:
    """Sold goods are back at the default location; refuses unknown variants. Once per reference: repeatable."""
    if any(line.quantity <= 0 for line in lines):
        raise Invalid("A quantity is 1 or more.")
    back = total_quantities((line.variant_id, line.quantity) for line in lines)
    with atomic(StockLevel):
        location_id = default_location_id()
        levels = _lock_at(location_id, back.keys())
        quantities = {
            levels[variant_id][_index(variant_id, levels, location_id)].id: quantity
            for variant_id, quantity in back.items()
        }
        moved = journal.write(list(quantities.items()), kind=StockMovement.Kind.RETURNED, reference=reference)
        if moved:
            show_stock(change_levels([(level_id, quantities[level_id]) for level_id in moved], on_hand=1))


def adjust_stock(
    *,
    variant_id: UUID,
    delta: int,
    reason: str,
    actor_id: UUID | None,
    location: str | None = None,
    reference: UUID | None = None,
) -> Stock:
    """Add or take so many at a location (id or name; the default one when left out); once per reference, and without
    one each call counts.

    Refuses to take what is put aside (StockHeld) or is not there.
    """
    location_id = find_location_id(location)
    with atomic(StockLevel):
        levels, at = _locked(variant_id, location_id)
        kind = SAID.get(reason, StockMovement.Kind.CORRECTED)
        return _move(levels, at, levels[at].on_hand + delta, reason, actor_id, kind, reference)


def count_stock(
    *, variant_id: UUID, on_hand: int, reason: str, actor_id: UUID | None, location: str | None = None
) -> Stock:
    """A stock-take at a location found so many; refuses fewer than are put aside (StockHeld). Repeatable."""
    location_id = find_location_id(location)
    with atomic(StockLevel):
        levels, at = _locked(variant_id, location_id)
        return _move(levels, at, on_hand, reason, actor_id, StockMovement.Kind.CORRECTED)


def take_stock(takes: Mapping[UUID, StockTake], *, actor_id: UUID | None) -> None:
    """In the open transaction, whose caller has locked these variants' stock: at the default location so many were
    found. Refuses fewer than are put aside (StockHeld). Repeatable."""
    location_id = default_location_id()
    levels = _lock_at(location_id, takes.keys())
    changes = []
    for variant_id, take in takes.items():
        level = levels[variant_id][_index(variant_id, levels, location_id)]
        _check(level, take.on_hand)
        if delta := take.on_hand - level.on_hand:
            kind = StockMovement.Kind.CORRECTED
            journal.write([(level.id, delta)], kind=kind, actor_id=actor_id, reason=take.reason)
            changes.append((level.id, delta))
    if changes:
        show_stock(change_levels(changes, on_hand=1))


def _locked(variant_id: UUID, location_id: UUID) -> tuple[list[Level], int]:
    """All levels of the variant, locked, and which of them is at the location; made where there was none."""
    levels = _lock_at(location_id, [variant_id])
    at = _index(variant_id, levels, location_id)
    return levels[variant_id], at


def _lock_at(location_id: UUID, variant_ids: Collection[UUID]) -> dict[UUID, list[Level]]:
    """All levels of these variants, locked; those without one at the location get it first, since variants are locked
    before levels. Refuses unknown variants."""
    missing = fetch(_MISSING, [list(variant_ids), location_id])
    if missing:
        _make_levels([variant_id for (variant_id,) in missing], location_id)
    return lock_levels(variant_ids)


def _index(variant_id: UUID, levels: Mapping[UUID, list[Level]], location_id: UUID) -> int:
    for index, level in enumerate(levels.get(variant_id, [])):
        if level.location_id == location_id:
            return index
    # It had a level when we looked, and was deleted before we had locked it.
    raise UnknownVariant(variant_ids=[str(variant_id)])


def _make_levels(variant_ids: list[UUID], location_id: UUID) -> None:
    # The foreign key would want its share of the variants at COMMIT only, when the listing is locked already: whoever
    # saves the product has them in the other order.
    known = fetch("SELECT id FROM catalog_variant WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [variant_ids])
    if unknown := sorted(str(i) for i in set(variant_ids) - {variant_id for (variant_id,) in known}):
        raise UnknownVariant(variant_ids=unknown)
    execute(_MAKE_LEVELS, [location_id, [new_id() for _ in variant_ids], variant_ids])


def _move(
    levels: list[Level],
    at: int,
    on_hand: int,
    reason: str,
    actor_id: UUID | None,
    kind: StockMovement.Kind,
    reference: UUID | None = None,
) -> Stock:
    level = levels[at]
    _check(level, on_hand)
    delta = on_hand - level.on_hand
    if delta and journal.write(
        [(level.id, delta)], kind=_fitting(kind, delta), reference=reference, actor_id=actor_id, reason=reason
    ):
        show_stock(change_levels([(level.id, delta)], on_hand=1))
        levels[at] = level._replace(on_hand=on_hand)
    return _sum(level.variant_id, [_shelf(level) for level in levels])


def _check(level: Level, on_hand: int) -> None:
    if on_hand < 0 and not level.held:
        raise NotEnoughStock(on_hand=level.on_hand)
    if on_hand < level.held:
        raise StockHeld(held=level.held, references=_references(level))
    if on_hand > MAX_ON_HAND:
        raise Invalid(f"At most {MAX_ON_HAND} may lie on hand.")


def _shelf(level: Level) -> Shelf:
    return Shelf(id=level.location_id, name=level.location, on_hand=level.on_hand, held=level.held)


def _sum(variant_id: UUID, shelves: list[Shelf]) -> Stock:
    on_hand, held = sum(shelf.on_hand for shelf in shelves), sum(shelf.held for shelf in shelves)
    return Stock(variant_id=variant_id, on_hand=on_hand, held=held, locations=shelves)


def _fitting(kind: StockMovement.Kind, delta: int) -> StockMovement.Kind:
    """Receiving less than nothing is a correction."""
    gains = kind == StockMovement.Kind.RECEIVED
    return kind if (delta > 0) == gains else StockMovement.Kind.CORRECTED


def _references(level: Level) -> list[str]:
    rows = fetch(
        """
        SELECT hold.order_id FROM catalog_stockholdline line JOIN catalog_stockhold hold ON hold.id = line.hold_id
        WHERE line.level_id = %s AND hold.status = %s ORDER BY hold.order_id LIMIT %s
        """,
        [level.id, HoldStatus.HELD.value, SHOWN_REFERENCES],
    )
    return [str(order_id) for (order_id,) in rows]


_STOCK = """
    SELECT location.id, location.name, level.on_hand, level.held
    FROM catalog_variant variant
    LEFT JOIN catalog_stocklevel level ON level.variant_id = variant.id
    LEFT JOIN catalog_location location ON location.id = level.location_id
    WHERE variant.id = %s
    ORDER BY NOT location.is_default, location.name
"""
_MISSING = """
    SELECT variant_id FROM unnest(%s::uuid[]) AS wanted (variant_id)
    WHERE NOT EXISTS (
        SELECT FROM catalog_stocklevel level WHERE level.variant_id = wanted.variant_id AND level.location_id = %s
    )
    ORDER BY variant_id
"""
_MAKE_LEVELS = """
    INSERT INTO catalog_stocklevel (id, variant_id, location_id, on_hand, held)
    SELECT id, variant_id, %s, 0, 0 FROM unnest(%s::uuid[], %s::uuid[]) AS made (id, variant_id)
    ON CONFLICT (variant_id, location_id) DO NOTHING
"""
