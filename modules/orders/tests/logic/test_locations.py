"""What is left to ship lies where it was taken from: each unit once, whatever was shipped and cancelled before."""

from collections import Counter
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modules.catalog.contracts import Allocation
from modules.orders.logic.locations import FromLocation, by_location
from modules.orders.logic.portions import left_to_ship
from modules.orders.models import OrderLine

# Beside other work drawing may be slow, which says nothing of what is drawn.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

VARIANTS = [UUID(int=100 + n) for n in range(2)]
PLACES = [UUID(int=n) for n in (1, 2, 3)]
FIRST, SECOND, THIRD = PLACES
SHIRT, HAT = VARIANTS


def line(n: int, quantity: int, *, variant_id: UUID = SHIRT, **done: int) -> OrderLine:
    return OrderLine(id=UUID(int=n), variant_id=variant_id, quantity=quantity, **done)


def taken(location_id: UUID, quantity: int, *, variant_id: UUID = SHIRT, order: int = 9) -> Allocation:
    return Allocation(
        order_id=UUID(int=order),
        variant_id=variant_id,
        location_id=location_id,
        location=f"Place {location_id.int}",
        quantity=quantity,
    )


def table(left: list[FromLocation]) -> dict[int | None, dict[int, int]]:
    """By location and line, so many units."""
    return {
        one.location.id.int if one.location else None: {
            portion.line.id.int: portion.quantity for portion in one.portions
        }
        for one in left
    }


def test_lines_are_dealt_what_was_taken_for_them_the_location_that_was_opened_first_first() -> None:
    lines = [line(1, 3), line(2, 1, variant_id=HAT), line(3, 2)]
    places = [taken(SECOND, 4), taken(FIRST, 1), taken(SECOND, 1, variant_id=HAT)]

    left = by_location(lines, places, {})

    assert [one.location.name for one in left if one.location] == ["Place 1", "Place 2"]
    assert table(left) == {1: {1: 1}, 2: {1: 2, 2: 1, 3: 2}}


def test_what_was_shipped_from_a_location_is_gone_there() -> None:
    places = [taken(FIRST, 3), taken(SECOND, 2)]

    assert table(by_location([line(1, 5, fulfilled=2)], places, {(SHIRT, SECOND): 2})) == {1: {1: 3}}
    assert table(by_location([line(1, 5, fulfilled=2)], places, {(SHIRT, FIRST): 2})) == {1: {1: 1}, 2: {1: 2}}


def test_what_was_cancelled_or_shipped_from_nobody_knows_where_comes_off_the_location_that_was_opened_first() -> None:
    places = [taken(SECOND, 2), taken(FIRST, 3)]

    assert table(by_location([line(1, 5, cancelled=2)], places, {})) == {1: {1: 1}, 2: {1: 2}}
    assert table(by_location([line(1, 5, fulfilled=3, cancelled=1)], places, {})) == {2: {1: 1}}
    # One from the first location and one without; nobody says of which line.
    lines = [line(1, 4, fulfilled=2), line(2, 1)]
    assert table(by_location(lines, places, {(SHIRT, FIRST): 1})) == {1: {1: 1}, 2: {1: 1, 2: 1}}


def test_stock_under_several_references_lies_together() -> None:
    places = [taken(FIRST, 2), taken(FIRST, 1, order=8), taken(SECOND, 1, order=8)]

    assert table(by_location([line(1, 2, fulfilled=1), line(2, 2)], places, {(SHIRT, FIRST): 1})) == {
        1: {1: 1, 2: 1},
        2: {2: 1},
    }


def test_what_was_taken_from_nobody_knows_where_is_told_last() -> None:
    assert table(by_location([line(1, 5)], [taken(SECOND, 2)], {})) == {2: {1: 2}, None: {1: 3}}
    assert table(by_location([line(1, 5)], [], {})) == {None: {1: 5}}
    assert by_location([line(1, 5, fulfilled=3, cancelled=2)], [taken(FIRST, 5)], {(SHIRT, FIRST): 3}) == []


@st.composite
def orders(draw: st.DrawFn) -> tuple[list[OrderLine], list[Allocation]]:
    """Lines of which some units may be done without a location, and stock for all of them from up to three locations,
    under one reference or two."""
    lines, places = [], []
    for n in range(draw(st.integers(1, 4))):
        variant_id, quantity = draw(st.sampled_from(VARIANTS)), draw(st.integers(1, 6))
        fulfilled = draw(st.integers(0, quantity))
        cancelled = draw(st.integers(0, quantity - fulfilled))
        lines.append(line(n, quantity, variant_id=variant_id, fulfilled=fulfilled, cancelled=cancelled))
        for _ in range(quantity):
            where, order = draw(st.sampled_from(PLACES)), draw(st.integers(8, 9))
            places.append(taken(where, 1, variant_id=variant_id, order=order))
    return lines, draw(st.permutations(places))


@patient
@given(order=orders(), data=st.data())
def test_every_unit_that_is_left_lies_in_one_place_whatever_is_shipped(order: Any, data: st.DataObject) -> None:
    lines, places = order
    sent: Counter[tuple[UUID, UUID]] = Counter()
    while left := by_location(lines, places, sent):
        before = {(one.location, portion.line.id): portion.quantity for one in left for portion in one.portions}
        require_each_unit_once(lines, places, sent, left)
        one = data.draw(st.sampled_from(left))
        portion = data.draw(st.sampled_from(one.portions))
        quantity = data.draw(st.integers(1, portion.quantity))
        assert one.location is not None
        sent[portion.line.variant_id, one.location.id] += quantity
        portion.line.fulfilled += quantity

        after = table_of(by_location(lines, places, sent))
        # It is off that location and that line, and no other unit has moved.
        assert after == +(Counter(before) - Counter({(one.location, portion.line.id): quantity}))


@patient
@given(order=orders(), data=st.data())
def test_what_is_done_without_a_location_leaves_every_other_unit_countable(order: Any, data: st.DataObject) -> None:
    lines, places = order
    sent: Counter[tuple[UUID, UUID]] = Counter()
    while left := by_location(lines, places, sent):
        one = data.draw(st.sampled_from([one for one in lines if left_to_ship(one)]))
        if data.draw(st.booleans()):
            one.cancelled += 1
        else:
            one.fulfilled += 1
        before, left = left, by_location(lines, places, sent)
        require_each_unit_once(lines, places, sent, left)
        # No location has more than it had.
        assert units_by_place(left) <= units_by_place(before)


@patient
@given(order=orders(), data=st.data())
def test_what_catalog_does_not_tell_of_is_listed_without_a_location(order: Any, data: st.DataObject) -> None:
    lines, places = order
    known = places[: data.draw(st.integers(0, len(places)))]

    left = by_location(lines, known, {})

    assert units_by_line(left) == left_of(lines)


def require_each_unit_once(lines: Any, places: Any, sent: Any, left: list[FromLocation]) -> None:
    """The sum over locations is what is left of each line, and no location has more than was taken and not shipped."""
    assert units_by_line(left) == left_of(lines)
    assert all(one.location is not None for one in left)
    there: Counter[Any] = Counter()
    for one in places:
        there[one.variant_id, one.location_id] += one.quantity
    found: Counter[Any] = Counter()
    for one in left:
        for portion in one.portions:
            assert portion.quantity > 0
            found[portion.line.variant_id, one.location.id if one.location else None] += portion.quantity
    assert found <= there - sent
    ids = [one.location.id for one in left if one.location]
    assert ids == sorted(set(ids))


def table_of(left: list[FromLocation]) -> Counter[Any]:
    return Counter({(one.location, portion.line.id): portion.quantity for one in left for portion in one.portions})


def units_by_line(left: list[FromLocation]) -> Counter[UUID]:
    units: Counter[UUID] = Counter()
    for one in left:
        for portion in one.portions:
            units[portion.line.id] += portion.quantity
    return units


def units_by_place(left: list[FromLocation]) -> Counter[Any]:
    return Counter({one.location: sum(portion.quantity for portion in one.portions) for one in left})


def left_of(lines: list[OrderLine]) -> Counter[UUID]:
    return +Counter({one.id: left_to_ship(one) for one in lines})
