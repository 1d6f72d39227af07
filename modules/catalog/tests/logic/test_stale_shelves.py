"""A shelf is renamed, translated or moved, and what stands on it is found by its new names, and no more by the old."""

from datetime import timedelta
from functools import partial

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.testing import statements
from modules.catalog.logic import stale_shelves
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.listing import list_cards
from modules.catalog.logic.products import change_product
from modules.catalog.logic.shelves import change_category, delete_category, make_category
from modules.catalog.logic.stale_shelves import PATIENCE, refresh_stale
from modules.catalog.logic.wishes import Wish, search_for
from modules.catalog.models import Category, StaleShelf
from modules.catalog.tasks import refresh_stale as refresh_stale_task
from modules.catalog.tests.conftest import NOON
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.logic.test_holds_at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


def make_shelf(name, parent=None):
    parent_id = Category.objects.get(name=parent).id if parent else None
    make_category(name=name, parent_id=parent_id)
    return Category.objects.get(name=name)


def next_batch():
    return stale_shelves._refresh_batch(StaleShelf.objects.earliest("id").id)


def found_for(text):
    return sorted(card.title for card in list_cards(wish=search_for(Wish(currency="EUR", q=text)), limit=24))


@pytest.fixture
def lamps(clock):
    """Three on a shelf two levels below Interior, one beside it."""
    make_shelf("Interior")
    make_shelf("Lighting", "Interior")
    shelf = make_shelf("Luminaires", "Lighting")
    made = [make_product(title=f"Lamp {n}", category_id=shelf.id, on_hand=0) for n in range(3)]
    make_product(title="Chair", category_id=make_shelf("Furniture").id, on_hand=0)
    return made


LAMPS = ["Lamp 0", "Lamp 1", "Lamp 2"]


@pytest.mark.parametrize(
    ("act", "old", "new"),
    [
        (partial(change_category, slug_now="luminaires", name="Sconces"), "luminaires", "sconces"),
        (partial(change_category, slug_now="interior", name="Indoors"), "interior", "indoors"),
        (
            partial(change_category, slug_now="lighting", translations={"de": {"name": "Beleuchtung"}}),
            "nothing",
            "beleuchtung",
        ),
    ],
    ids=["renamed", "renamed above", "translated"],
)
def test_what_stands_there_is_found_by_the_new_name_and_not_by_the_old(clock, lamps, act, old, new):
    act()
    refresh_stale()
    assert found_for(new) == []

    clock.move_to(NOON + PATIENCE)
    refresh_stale_task()

    assert (found_for(new), found_for(old)) == (LAMPS, [])
    assert not StaleShelf.objects.exists()


def test_a_branch_that_moves_is_found_by_what_is_above_it_now(clock, lamps):
    change_category(slug_now="lighting", parent_id=Category.objects.get(name="Furniture").id)
    clock.move_to(NOON + PATIENCE)

    refresh_stale()

    assert (found_for("furniture"), found_for("interior")) == (["Chair", *LAMPS], [])


@pytest.mark.parametrize(
    "values",
    [
        {"position": 7},
        {"description": "Words"},
        {"name": "Luminaires"},
        {"translations": {"de": {"description": "Worte"}}},
        {"translations": {"de": None}},
    ],
    ids=["moved among its siblings", "described", "named as before", "described elsewhere", "nothing taken away"],
)
def test_what_names_nothing_makes_nothing_stale(clock, lamps, values):
    change_category(slug_now="luminaires", **values)

    assert not StaleShelf.objects.exists()


def test_who_dies_between_two_batches_goes_on_where_he_was(clock, lamps, monkeypatch):
    monkeypatch.setattr(stale_shelves, "BATCH", 2)
    change_category(slug_now="luminaires", name="Sconces")
    clock.move_to(NOON + PATIENCE)

    assert next_batch() == 2
    assert len(found_for("sconces")) == 2
    assert next_batch() == 1

    assert found_for("sconces") == LAMPS
    assert not StaleShelf.objects.exists()


def test_what_is_renamed_again_half_way_ends_with_the_last_name(clock, lamps, monkeypatch):
    monkeypatch.setattr(stale_shelves, "BATCH", 2)
    change_category(slug_now="luminaires", name="Sconces")
    clock.move_to(NOON + PATIENCE)
    next_batch()

    change_category(slug_now="luminaires", name="Lanterns")
    clock.move_to(NOON + 2 * PATIENCE)
    assert refresh_stale() == 3

    assert (found_for("lanterns"), found_for("sconces")) == (LAMPS, [])


def test_one_that_cannot_be_written_keeps_no_other_waiting(clock, lamps):
    change_category(slug_now="luminaires", name="Sconces")
    change_category(slug_now="furniture", name="Seats")
    # As long as this is there, no document of a lamp can be written.
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("ALTER TABLE catalog_searchdocument ADD CONSTRAINT odd CHECK (document::text NOT LIKE '%%sconc%%')")
    clock.move_to(NOON + PATIENCE)

    refresh_stale()

    assert (found_for("seats"), found_for("sconces")) == (["Chair"], [])
    execute("ALTER TABLE catalog_searchdocument DROP CONSTRAINT odd")
    refresh_stale()
    assert found_for("sconces") == LAMPS


def test_a_batch_reads_its_part_of_the_index(clock, lamps):
    execute("SET LOCAL enable_seqscan = off")
    # Of a handful of rows any index is as good: it shall show that this one serves.
    execute("DROP INDEX listing_newest")
    where = {"category_id": lamps[0].category_id, "at": None, "id": None, "limit": 100}
    for at, product_id in ((None, None), (NOON, lamps[0].id)):
        plan = "\n".join(
            row[0] for row in fetch(f"EXPLAIN {stale_shelves._LISTED}", where | {"at": at, "id": product_id})
        )
        assert "Index Cond: ((category_id = " in plan
        assert "listing_newest_by_category" in plan
        assert "Sort" not in plan


def test_a_shelf_that_waits_can_be_deleted(clock):
    make_shelf("Empty")
    change_category(slug_now="empty", name="Hollow")

    delete_category(slug="empty")

    assert not StaleShelf.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_answer_kept_before_is_not_given_after(clock, lamps, settings):
    settings.KEEP_ANSWERS = 600
    change_category(slug_now="luminaires", name="Sconces")

    def titles():
        return sorted(
            card["title"] for card in APIClient().get("/api/v1/catalog/products/?q=sconces").json()["results"]
        )

    before = titles()
    clock.move_to(NOON + PATIENCE)
    refresh_stale()

    assert (before, titles()) == ([], LAMPS)


@pytest.mark.parametrize("below", [0, 20])
def test_renaming_costs_the_same_however_much_stands_there(clock, lamps, below):
    for number in range(below):
        shelf = make_shelf(f"Shelf {number}", "Luminaires")
        make_product(category_id=shelf.id, on_hand=0)

    with statements() as asked:
        change_category(slug_now="luminaires", name="Sconces")

    assert len([sql for sql in asked if "staleshelf" in sql]) == 1
    assert len(asked) == 9


@pytest.mark.django_db(transaction=True)
def test_edits_and_workers_at_once_end_with_the_new_words_of_both(monkeypatch):
    monkeypatch.setattr(stale_shelves, "PATIENCE", timedelta(0))
    monkeypatch.setattr(stale_shelves, "BATCH", 3)
    shelf = make_shelf("Luminaires")
    products = [make_product(title=f"Lamp {n}", category_id=shelf.id, on_hand=0) for n in range(12)]
    change_category(slug_now="luminaires", name="Sconces")
    edits = [
        partial(change_product, key=str(product.id), title=f"Torch {number}") for number, product in enumerate(products)
    ]

    assert at_once([refresh_stale, *edits[:6], refresh_stale, *edits[6:], refresh_stale]) == ["done"] * 15
    refresh_stale()

    assert found_for("sconces") == found_for("torch") == sorted(f"Torch {number}" for number in range(12))
    assert found_for("luminaires") == found_for("lamp") == []
