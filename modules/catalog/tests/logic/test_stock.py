"""What staff do to the stock."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import NotEnoughStock, StockHeld, StockLine, UnknownVariant
from modules.catalog.logic.holds import hold_stock
from modules.catalog.logic.stock import Shelf, Stock, adjust_stock, count_stock
from modules.catalog.models import Location, StockLevel, StockMovement
from modules.catalog.tests.factories import figures, journal, make_variant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

UNTIL = datetime(2026, 12, 1, tzinfo=UTC)


def test_a_difference_is_added_and_noted():
    variant, actor_id = make_variant(on_hand=0), new_id()

    changed = adjust_stock(variant_id=variant.id, delta=12, reason="received", actor_id=actor_id)

    main = Location.objects.get()
    shelf = Shelf(id=main.id, name="Main warehouse", on_hand=12, held=0)
    assert changed == Stock(variant_id=variant.id, on_hand=12, held=0, locations=[shelf])
    moved = StockMovement.objects.get()
    assert (moved.kind, moved.delta, moved.reason, moved.actor_id, moved.reference) == (
        "received", 12, "received", actor_id, None
    )  # fmt: skip


@pytest.mark.parametrize(
    ("delta", "reason", "kind"),
    [(-2, "damaged", "damaged"), (-2, "received", "corrected"), (2, "damaged", "corrected"), (-2, "lost", "corrected")],
)
def test_the_reason_says_what_kind_of_movement_it_was(delta, reason, kind):
    variant = make_variant(on_hand=10)

    adjust_stock(variant_id=variant.id, delta=delta, reason=reason, actor_id=None)

    assert journal(variant.id) == [("received", 10), (kind, delta)]


def test_a_stock_take_notes_the_difference():
    variant = make_variant(on_hand=10)

    assert count_stock(variant_id=variant.id, on_hand=8, reason="count", actor_id=None).on_hand == 8
    assert journal(variant.id) == [("received", 10), ("corrected", -2)]


def test_a_stock_take_that_finds_what_is_known_notes_nothing():
    variant = make_variant(on_hand=10)

    count_stock(variant_id=variant.id, on_hand=10, reason="count", actor_id=None)

    assert journal(variant.id) == [("received", 10)]


@pytest.mark.parametrize("change", [{"delta": -7}, {"delta": -11}, {"on_hand": 3}])
def test_what_is_put_aside_cannot_be_taken_away(change):
    variant, order_id = make_variant(on_hand=10), new_id()
    hold_stock(order_id=order_id, lines=[StockLine(variant_id=variant.id, quantity=4)], until=UNTIL)
    act = adjust_stock if "delta" in change else count_stock

    with pytest.raises(StockHeld) as refusal:
        act(variant_id=variant.id, reason="lost", actor_id=None, **change)

    assert refusal.value.details == {"held": 4, "references": [str(order_id)]}
    assert figures(variant.id) == (10, 4)
    assert journal(variant.id) == [("received", 10)]


def test_what_is_not_there_cannot_be_taken_away():
    variant = make_variant(on_hand=10)

    with pytest.raises(NotEnoughStock) as refusal:
        adjust_stock(variant_id=variant.id, delta=-11, reason="lost", actor_id=None)

    assert refusal.value.details == {"on_hand": 10}
    assert figures(variant.id) == (10, 0)


def test_an_unknown_variant_has_no_stock():
    with pytest.raises(UnknownVariant):
        adjust_stock(variant_id=new_id(), delta=1, reason="received", actor_id=None)
    assert not StockLevel.objects.exists()


@pytest.mark.parametrize("wrong", [{"on_hand": -1}, {"held": -1}, {"held": 11}, {"on_hand": 3}])
def test_the_database_refuses_what_cannot_be(wrong):
    variant = make_variant(on_hand=10)
    StockLevel.objects.filter(variant=variant).update(held=0)
    hold_stock(order_id=new_id(), lines=[StockLine(variant_id=variant.id, quantity=4)], until=UNTIL)

    with pytest.raises(IntegrityError), atomic(StockLevel):
        StockLevel.objects.filter(variant=variant).update(**wrong)


def test_there_is_one_default_location():
    make_variant()

    with pytest.raises(IntegrityError), atomic(Location):
        Location.objects.create(name="Another", is_default=True)
