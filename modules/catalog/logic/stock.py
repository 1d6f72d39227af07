"""What lies on the shelf: received, returned, damaged, counted."""

from dataclasses import dataclass
from uuid import UUID

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import HoldStatus, NotEnoughStock, StockHeld, StockLine, UnknownVariant
from modules.catalog.logic import journal
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.levels import Level, change_levels, lock_default_levels, total_quantities
from modules.catalog.logic.listings import show_stock
from modules.catalog.models import Location, StockLevel, StockMovement, Variant

DEFAULT_LOCATION = "Main warehouse"
# What staff may say happened; a sale or a return is never said, it is done.
SAID = {"received": StockMovement.Kind.RECEIVED, "damaged": StockMovement.Kind.DAMAGED}
MAX_ON_HAND = 2**31 - 1
SHOWN_REFERENCES = 20


@dataclass(frozen=True, kw_only=True)
class Stock:
    """A variant's stock at the default location."""

    variant_id: UUID
    on_hand: int
    held: int

    @property
    def available(self) -> int:
        return self.on_hand - self.held


def return_stock(*, reference: UUID, lines: list[StockLine]) -> None:
    """Sold goods are back on the shelf; refuses unknown variants. Once per reference: repeating it is harmless."""
    if any(line.quantity <= 0 for line in lines):
        raise Invalid("A quantity is 1 or more.")
    back = total_quantities((line.variant_id, line.quantity) for line in lines)
    with atomic(StockLevel):
        levels = lock_default_levels(back)
        if unknown := sorted(str(variant_id) for variant_id in back.keys() - levels.keys()):
            raise UnknownVariant(variant_ids=unknown)
        quantities = {levels[variant_id].id: quantity for variant_id, quantity in back.items()}
        moved = journal.write(list(quantities.items()), kind=StockMovement.Kind.RETURNED, reference=reference)
        if moved:
            show_stock(change_levels([(level_id, quantities[level_id]) for level_id in moved], on_hand=1))


def adjust_stock(*, variant_id: UUID, delta: int, reason: str, actor_id: UUID | None) -> Stock:
    """Add or take so many; refuses to take what is put aside (StockHeld) or is not there. Each call counts."""
    with atomic(StockLevel):
        level = _locked_level(variant_id)
        return _move(level, level.on_hand + delta, reason, actor_id, SAID.get(reason, StockMovement.Kind.CORRECTED))


def count_stock(*, variant_id: UUID, on_hand: int, reason: str, actor_id: UUID | None) -> Stock:
    """A stock-take found so many; refuses fewer than are put aside (StockHeld). Repeating it is harmless."""
    with atomic(StockLevel):
        return _move(_locked_level(variant_id), on_hand, reason, actor_id, StockMovement.Kind.CORRECTED)


def default_location_id() -> UUID:
    """Where stock lies unless somebody says otherwise; made when it is first asked for."""
    location, _ = Location.objects.get_or_create(is_default=True, defaults={"name": DEFAULT_LOCATION})
    return location.id


def _locked_level(variant_id: UUID) -> Level:
    if (level := lock_default_levels([variant_id]).get(variant_id)) is not None:
        return level
    if not Variant.objects.filter(id=variant_id).exists():
        raise UnknownVariant
    execute(
        "INSERT INTO catalog_stocklevel (id, variant_id, location_id, on_hand, held) VALUES (%s, %s, %s, 0, 0)"
        " ON CONFLICT (variant_id, location_id) DO NOTHING",
        [new_id(), variant_id, default_location_id()],
    )
    return lock_default_levels([variant_id])[variant_id]


def _move(level: Level, on_hand: int, reason: str, actor_id: UUID | None, kind: StockMovement.Kind) -> Stock:
    delta = on_hand - level.on_hand
    if on_hand < 0 and not level.held:
        raise NotEnoughStock(on_hand=level.on_hand)
    if on_hand < level.held:
        raise StockHeld(held=level.held, references=_references(level))
    if on_hand > MAX_ON_HAND:
        raise Invalid(f"At most {MAX_ON_HAND} may lie on hand.")
    if delta:
        journal.write([(level.id, delta)], kind=_fitting(kind, delta), actor_id=actor_id, reason=reason)
        show_stock(change_levels([(level.id, delta)], on_hand=1))
    return Stock(variant_id=level.variant_id, on_hand=on_hand, held=level.held)


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
