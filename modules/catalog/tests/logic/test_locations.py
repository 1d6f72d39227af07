"""Stock at several locations: one variant to the buyer, several shelves to staff."""

from datetime import UTC, datetime

import pytest

from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import (
    HoldStatus,
    LocationTaken,
    OutOfStock,
    StockHeld,
    StockLine,
    UnknownLocation,
    UnknownVariant,
)
from modules.catalog.logic.holds import commit_hold, hold_stock, list_holds, release_hold
from modules.catalog.logic.locations import list_locations, open_location, save_location
from modules.catalog.logic.stock import adjust_stock, count_stock, get_stock, return_stock
from modules.catalog.models import Listing, Location, StockHold, StockLevel, StockMovement
from modules.catalog.tests.factories import journal, make_variant, put, shelves

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
MAIN = "Main warehouse"


def test_a_hold_takes_from_the_default_location_first_then_from_the_others_by_name():
    variant, order_id = make_variant(on_hand=2), new_id()
    put(variant.id, "Zurich", 5)
    put(variant.id, "Aachen", 3)

    held = hold(order_id, {variant.id: 6})

    assert held.lines == [StockLine(variant_id=variant.id, quantity=6)]
    assert shelves(variant.id) == {MAIN: (2, 2), "Aachen": (3, 3), "Zurich": (5, 1)}
    assert hold(order_id, {variant.id: 6}).lines == held.lines
    assert [one.lines for one in list_holds(after=None, limit=10)] == [held.lines]


def test_a_hold_that_one_location_can_serve_touches_no_other():
    variant = make_variant(on_hand=6)
    put(variant.id, "Aachen", 3)

    hold(new_id(), {variant.id: 6})

    assert shelves(variant.id) == {MAIN: (6, 6), "Aachen": (3, 0)}


def test_a_hold_of_more_than_all_locations_have_takes_nothing():
    variant, other = make_variant(on_hand=2), make_variant(on_hand=9)
    put(variant.id, "Aachen", 3)

    with pytest.raises(OutOfStock) as refusal:
        hold(new_id(), {variant.id: 6, other.id: 1})

    line = {"variant_id": str(variant.id), "sku": variant.sku, "requested": 6, "available": 5}
    assert refusal.value.details == {"lines": [line]}
    assert shelves(variant.id) == {MAIN: (2, 0), "Aachen": (3, 0)}
    assert shelves(other.id) == {MAIN: (9, 0)}
    assert not StockHold.objects.exists()


def test_what_was_split_is_sold_where_it_was_held():
    variant, order_id = make_variant(on_hand=2), new_id()
    put(variant.id, "Aachen", 3)
    hold(order_id, {variant.id: 4})

    sold = commit_hold(order_id=order_id)

    assert (sold.status, sold.lines) == (HoldStatus.COMMITTED, [StockLine(variant_id=variant.id, quantity=4)])
    assert shelves(variant.id) == {MAIN: (0, 0), "Aachen": (1, 0)}
    assert sorted(journal(variant.id)) == [("corrected", 3), ("received", 2), ("sold", -2), ("sold", -2)]


def test_what_was_split_is_let_go_where_it_was_held():
    variant, order_id = make_variant(on_hand=2), new_id()
    put(variant.id, "Aachen", 3)
    hold(order_id, {variant.id: 5})
    assert not in_stock(variant)

    release_hold(order_id=order_id)

    assert shelves(variant.id) == {MAIN: (2, 0), "Aachen": (3, 0)}
    assert in_stock(variant)


def test_what_comes_back_lies_at_the_default_location_wherever_it_was_sold_from():
    variant, order_id = make_variant(on_hand=0), new_id()
    put(variant.id, "Aachen", 3)
    hold(order_id, {variant.id: 3})
    commit_hold(order_id=order_id)

    for _ in range(2):
        return_stock(reference=order_id, lines=[StockLine(variant_id=variant.id, quantity=2)])

    assert shelves(variant.id) == {MAIN: (2, 0), "Aachen": (0, 0)}
    assert in_stock(variant)


def test_what_comes_back_lies_at_the_place_that_is_the_default_by_then():
    variant, order_id = make_variant(on_hand=1), new_id()
    hold(order_id, {variant.id: 1})
    commit_hold(order_id=order_id)
    save_location(Location(name="Aachen", is_default=True))

    return_stock(reference=order_id, lines=[StockLine(variant_id=variant.id, quantity=1)])

    assert shelves(variant.id) == {MAIN: (0, 0), "Aachen": (1, 0)}


def test_a_product_is_in_stock_as_long_as_any_location_has_some():
    variant = make_variant(on_hand=1)
    put(variant.id, "Aachen", 1)

    count_stock(variant_id=variant.id, on_hand=0, reason="count", actor_id=None)
    assert in_stock(variant)
    count_stock(variant_id=variant.id, on_hand=0, reason="count", actor_id=None, location="Aachen")
    assert not in_stock(variant)


def test_staff_change_one_location_by_name_or_by_id():
    variant = make_variant(on_hand=2)
    aachen = open_location(name="Aachen")

    adjust_stock(variant_id=variant.id, delta=4, reason="received", actor_id=None, location="Aachen")
    changed = count_stock(variant_id=variant.id, on_hand=3, reason="count", actor_id=None, location=str(aachen.id))

    assert changed == get_stock(variant_id=variant.id)
    assert (changed.on_hand, [shelf.name for shelf in changed.locations]) == (5, [MAIN, "Aachen"])
    assert shelves(variant.id) == {MAIN: (2, 0), "Aachen": (3, 0)}


def test_a_stock_take_below_what_this_location_holds_is_refused_whatever_lies_elsewhere():
    variant, order_id = make_variant(on_hand=4), new_id()
    put(variant.id, "Aachen", 50)
    hold(order_id, {variant.id: 4})

    with pytest.raises(StockHeld) as refusal:
        count_stock(variant_id=variant.id, on_hand=3, reason="count", actor_id=None)

    assert refusal.value.details == {"held": 4, "references": [str(order_id)]}
    assert shelves(variant.id) == {MAIN: (4, 4), "Aachen": (50, 0)}


@pytest.mark.parametrize("location", ["Nowhere", "", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_location_changes_nothing(location):
    variant = make_variant(on_hand=4)

    with pytest.raises(UnknownLocation):
        adjust_stock(variant_id=variant.id, delta=1, reason="received", actor_id=None, location=location)

    assert (shelves(variant.id), StockMovement.objects.count()) == ({MAIN: (4, 0)}, 1)


def test_a_new_location_needs_a_name_of_its_own_and_is_not_the_default():
    aachen = open_location(name="Aachen")

    for name in ("Aachen", MAIN):
        with pytest.raises(LocationTaken):
            open_location(name=name)

    assert [(place.name, place.is_default) for place in list_locations()] == [(MAIN, True), ("Aachen", False)]
    assert aachen in list_locations()


def test_another_location_becomes_the_default_and_there_is_always_one():
    open_location(name="Aachen")
    aachen = Location.objects.get(name="Aachen")
    aachen.is_default = True
    save_location(aachen)
    assert [(place.name, place.is_default) for place in list_locations()] == [("Aachen", True), (MAIN, False)]

    aachen.is_default = False
    save_location(aachen)
    assert [place.is_default for place in list_locations()] == [True, False]


def test_nobody_knows_the_stock_of_an_unknown_variant():
    with pytest.raises(UnknownVariant):
        get_stock(variant_id=new_id())
    with pytest.raises(UnknownVariant):
        return_stock(reference=new_id(), lines=[StockLine(variant_id=new_id(), quantity=1)])
    assert not StockLevel.objects.exists()


def hold(order_id, quantities):
    lines = [StockLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in quantities.items()]
    return hold_stock(order_id=order_id, lines=lines, until=UNTIL)


def in_stock(variant):
    return Listing.objects.get(product_id=variant.product_id).in_stock
