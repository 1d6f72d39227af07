"""Putting stock aside for an order, then selling it or letting it go.

Every function takes the hold's row first, then the levels in the order of their ids, then the listings in the order of
theirs: so whatever runs at once waits its turn, and nobody waits in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import (
    HoldClosed,
    HoldCommitted,
    HoldStatus,
    OutOfStock,
    StockHold,
    StockLine,
    UnknownHold,
)
from modules.catalog.logic import journal
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.levels import (
    Level,
    change_levels,
    lock_levels,
    total_quantities,
)
from modules.catalog.logic.listings import show_stock
from modules.catalog.models import StockHold as Hold
from modules.catalog.models import StockMovement

MAX_QUANTITY = 1_000_000


def hold_stock(*, order_id: UUID, lines: list[StockLine], until: datetime) -> StockHold:
    """Hold every line or none; refuses what is not there (OutOfStock). Repeating it returns the same hold."""
    wanted = _wanted(lines)
    with atomic(Hold):
        hold_id = _begin(order_id, HoldStatus.HELD, until)
        if hold_id is None:
            return _held_before(order_id)
        levels = lock_levels(wanted)
        _refuse_shortage(wanted, levels)
        show_stock(_write_lines(hold_id, _spread(wanted, levels)))
    held = [StockLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in sorted(wanted.items())]
    return StockHold(order_id=order_id, status=HoldStatus.HELD, lines=held, until=until)


def commit_hold(*, order_id: UUID) -> StockHold:
    """The held stock is sold and leaves the shelf; refuses an unknown or released hold. Repeating it is harmless."""
    with atomic(Hold):
        hold = _locked(order_id)
        if hold is None:
            raise UnknownHold
        if hold.status == HoldStatus.RELEASED:
            raise HoldClosed
        if hold.status == HoldStatus.HELD:
            sold = [(line.level_id, line.quantity) for line in hold.lines]
            # Nobody waits in a circle for a single level, and what is available does not change.
            if len(sold) > 1:
                lock_levels({line.variant_id for line in hold.lines})
            change_levels(sold, on_hand=-1, held=-1)
            journal.write(sold, sign=-1, kind=StockMovement.Kind.SOLD, reference=order_id)
            _close(hold, HoldStatus.COMMITTED)
    return hold.contract(HoldStatus.COMMITTED)


def release_hold(*, order_id: UUID) -> None:
    """Let the held stock go, for good: this order cannot hold again, even if it never did. Refuses a sold hold.

    Repeating it is harmless.
    """
    with atomic(Hold):
        if _begin(order_id, HoldStatus.RELEASED, None) is not None:
            return
        hold = _locked(order_id)
        if hold is None or hold.status == HoldStatus.RELEASED:
            return
        if hold.status == HoldStatus.COMMITTED:
            raise HoldCommitted
        lock_levels({line.variant_id for line in hold.lines})
        seen = change_levels([(line.level_id, line.quantity) for line in hold.lines], held=-1)
        _close(hold, HoldStatus.RELEASED)
        show_stock(seen)


def list_holds(*, after: UUID | None, limit: int) -> list[StockHold]:
    """Every hold in the order of order ids, so many a page, after that order id; the released ones too."""
    rows = fetch(_LIST, {"after": after, "limit": limit})
    return [replace(_found(row).contract(), held_at=row[-1]) for row in rows]


def _wanted(lines: list[StockLine]) -> Mapping[UUID, int]:
    if not lines:
        raise Invalid("A hold needs at least one line.")
    if any(not 0 < line.quantity <= MAX_QUANTITY for line in lines):
        raise Invalid(f"A quantity is a number from 1 to {MAX_QUANTITY}.")
    return total_quantities((line.variant_id, line.quantity) for line in lines)


def _begin(order_id: UUID, status: HoldStatus, until: datetime | None) -> UUID | None:
    """The new hold's id, or None where that order has one. Whoever comes second waits here for the first to end."""
    hold_id = new_id()
    return hold_id if execute(_BEGIN, [hold_id, order_id, status.value, until, clock.now()]) else None


def _held_before(order_id: UUID) -> StockHold:
    hold = _found(fetch(_FIND, [order_id])[0])
    if hold.status == HoldStatus.RELEASED:
        raise HoldClosed
    return hold.contract()


def _refuse_shortage(wanted: Mapping[UUID, int], levels: Mapping[UUID, list[Level]]) -> None:
    left = {variant_id: sum(level.available for level in levels.get(variant_id, [])) for variant_id in wanted}
    short = {variant_id: quantity for variant_id, quantity in sorted(wanted.items()) if left[variant_id] < quantity}
    if short:
        skus = {variant_id: found[0].sku for variant_id, found in levels.items()} | _skus(short.keys() - levels.keys())
        raise OutOfStock(lines=[_shortage(i, n, skus.get(i), left[i]) for i, n in short.items()])


def _shortage(variant_id: UUID, requested: int, sku: str | None, available: int) -> dict[str, Any]:
    return {"variant_id": str(variant_id), "sku": sku, "requested": requested, "available": available}


def _spread(wanted: Mapping[UUID, int], levels: Mapping[UUID, list[Level]]) -> list[tuple[UUID, int]]:
    """What to take where; there is enough."""
    lines = []
    for variant_id, rest in wanted.items():
        for level in levels[variant_id]:
            if taken := min(rest, level.available):
                lines.append((level.id, taken))
                rest -= taken
    return lines


def _skus(variant_ids: Iterable[UUID]) -> dict[UUID, str]:
    ids = list(variant_ids)
    return dict(fetch("SELECT id, sku FROM catalog_variant WHERE id = ANY(%s)", [ids])) if ids else {}


def _write_lines(hold_id: UUID, lines: Sequence[tuple[UUID, int]]) -> set[UUID]:
    seen = change_levels(lines, held=1)
    execute(
        _INSERT_LINES,
        {
            "hold_id": hold_id,
            "ids": [new_id() for _ in lines],
            "level_ids": [level_id for level_id, _ in lines],
            "quantities": [quantity for _, quantity in lines],
        },
    )
    return seen


def _locked(order_id: UUID) -> "_Found | None":
    rows = fetch(_FIND + " FOR UPDATE OF hold", [order_id])
    return _found(rows[0]) if rows else None


def _close(hold: "_Found", status: HoldStatus) -> None:
    execute("UPDATE catalog_stockhold SET status = %s WHERE id = %s", [status.value, hold.id])


class _Line(NamedTuple):
    level_id: UUID
    variant_id: UUID
    quantity: int


class _Found(NamedTuple):
    id: UUID
    order_id: UUID
    status: HoldStatus
    until: datetime | None
    lines: list[_Line]

    def contract(self, status: HoldStatus | None = None) -> StockHold:
        # A line may lie at several locations, which is nobody else's business.
        totals = total_quantities((line.variant_id, line.quantity) for line in self.lines)
        lines = [StockLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in totals.items()]
        return StockHold(order_id=self.order_id, status=status or self.status, lines=lines, until=self.until)


def _found(row: tuple[Any, ...]) -> _Found:
    hold_id, order_id, status, until, lines, _ = row
    return _Found(hold_id, order_id, HoldStatus(status), until, msgspec.json.decode(lines, type=list[_Line]))


_BEGIN = """
    INSERT INTO catalog_stockhold (id, order_id, status, until, created_at)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (order_id) DO NOTHING
"""
_INSERT_LINES = """
    INSERT INTO catalog_stockholdline (id, hold_id, level_id, quantity)
    SELECT id, %(hold_id)s, level_id, quantity
    FROM unnest(%(ids)s::uuid[], %(level_ids)s::uuid[], %(quantities)s::int[]) AS line (id, level_id, quantity)
"""
# A hold's lines never change, so they may be read beside its lock.
_HOLD_AND_LINES = """
    SELECT hold.id, hold.order_id, hold.status, hold.until, (
        SELECT coalesce(jsonb_agg(jsonb_build_array(line.level_id, level.variant_id, line.quantity)
                                  ORDER BY level.variant_id), '[]')
        FROM catalog_stockholdline line JOIN catalog_stocklevel level ON level.id = line.level_id
        WHERE line.hold_id = hold.id
    ), hold.created_at
    FROM catalog_stockhold hold
"""
_FIND = _HOLD_AND_LINES + " WHERE hold.order_id = %s"
_LIST = (
    _HOLD_AND_LINES
    + """
    WHERE %(after)s::uuid IS NULL OR hold.order_id > %(after)s::uuid
    ORDER BY hold.order_id LIMIT %(limit)s
"""
)
