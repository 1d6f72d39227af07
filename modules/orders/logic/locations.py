"""Which units are still to be shipped from which location. Asks nobody.

The units of a variant are alike, so each variant is reckoned by itself: of what was taken from a location, what was
shipped from there is gone. Where more is left at its locations than there is to ship, the surplus was cancelled, or
shipped from nobody knows where: it comes off the location that was opened first, then the next. That one is mostly the
default location, which cancelled units go back to. What remains is dealt to the lines as they stand on the order, from
the same locations in the same order. So what is shipped from a location changes nothing at any other.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from modules.catalog.contracts import Allocation
from modules.orders.logic.portions import Portion, left_to_ship
from modules.orders.models import OrderLine

# So many units of a variant that were shipped from a location.
Sent = Mapping[tuple[UUID, UUID], int]
# What lies at each location, in the order that it is taken.
_Shelf = dict[UUID, int]


@dataclass(frozen=True, kw_only=True)
class Location:
    """Where stock lies, as catalog names it."""

    id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class FromLocation:
    """What is to be shipped from a location; from None what was taken from nobody knows where."""

    location: Location | None
    portions: list[Portion]

    def quantity_of(self, line: OrderLine) -> int:
        """How many units of the line."""
        return sum(portion.quantity for portion in self.portions if portion.line.pk == line.pk)


def by_location(lines: Sequence[OrderLine], taken: Sequence[Allocation], sent: Sent) -> list[FromLocation]:
    """All that is left to ship, each unit once: by location, the one that was opened first first, and by line."""
    names = {one.location_id: one.location for one in taken}
    shelves = _shelves(lines, taken, sent)
    dealt: dict[UUID | None, list[Portion]] = {location_id: [] for location_id in [*sorted(names), None]}
    for line in lines:
        for location_id, quantity in _take(shelves[line.variant_id], left_to_ship(line)):
            dealt[location_id].append(Portion(line=line, quantity=quantity))
    return [
        FromLocation(location=Location(id=one, name=names[one]) if one else None, portions=portions)
        for one, portions in dealt.items()
        if portions
    ]


def _shelves(lines: Sequence[OrderLine], taken: Sequence[Allocation], sent: Sent) -> dict[UUID, _Shelf]:
    left: Counter[UUID] = Counter()
    for line in lines:
        left[line.variant_id] += left_to_ship(line)
    return {variant_id: _shelf(variant_id, taken, sent, left[variant_id]) for variant_id in left}


def _shelf(variant_id: UUID, taken: Sequence[Allocation], sent: Sent, left: int) -> _Shelf:
    """What is left of a variant, there where it was taken from; less than that where this is not known of all."""
    shelf: _Shelf = Counter()
    for one in sorted(taken, key=lambda one: one.location_id):
        if one.variant_id == variant_id:
            shelf[one.location_id] += one.quantity
    for location_id in shelf:
        shelf[location_id] = max(0, shelf[location_id] - sent.get((variant_id, location_id), 0))
    _take(shelf, max(0, sum(shelf.values()) - left))
    return shelf


def _take(shelf: _Shelf, wanted: int) -> list[tuple[UUID | None, int]]:
    """Take so many units off the shelf; those that it lacks are from nowhere."""
    found: list[tuple[UUID | None, int]] = []
    for location_id in shelf:
        if quantity := min(wanted, shelf[location_id]):
            shelf[location_id] -= quantity
            wanted -= quantity
            found.append((location_id, quantity))
    return [*found, (None, wanted)] if wanted else found
