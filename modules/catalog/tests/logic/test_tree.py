"""Moves keep the categories one tree, whoever makes them and in whatever order."""

from collections import Counter
from functools import partial
from uuid import UUID

import pytest
from django.db import IntegrityError

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid, PreconditionFailed, ServiceError
from modules.catalog.contracts import SlugTaken
from modules.catalog.logic.categories import get_tree
from modules.catalog.logic.database import execute
from modules.catalog.logic.products import save_product
from modules.catalog.logic.shelves import CategoryNotEmpty, change_category, delete_category, make_category
from modules.catalog.logic.tree import CategoryCycle, UnknownParent, arrange
from modules.catalog.models import Category, Product
from modules.catalog.tests.factories import CategoryFactory, ProductDraftFactory, make_product
from modules.catalog.tests.logic.test_holds_at_once import at_once

PUT_BELOW = "UPDATE catalog_category SET parent_id = %s WHERE id = %s"


@pytest.mark.django_db
@pytest.mark.usefixtures("invariants_hold")
def test_the_database_refuses_a_circle_from_anyone():
    top = CategoryFactory.create()
    middle = CategoryFactory.create(parent=top)
    bottom = CategoryFactory.create(parent=middle)

    for below in (bottom, middle, top):
        with pytest.raises(IntegrityError), atomic(Category):
            execute(PUT_BELOW, [below.id, top.id])
    assert Category.objects.get(id=top.id).parent_id is None


@pytest.mark.django_db
@pytest.mark.usefixtures("invariants_hold")
def test_the_database_judges_rows_that_one_statement_moves_as_they_end():
    top = CategoryFactory.create(slug="top")
    bottom = CategoryFactory.create(slug="bottom", parent=top)

    execute(
        "UPDATE catalog_category SET parent_id = CASE slug WHEN 'top' THEN %s::uuid END",
        [bottom.id],
    )

    assert Category.objects.get(slug="top").parent_id == bottom.id


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("invariants_hold")
@pytest.mark.parametrize("round_number", range(4))
def test_of_moves_that_together_close_a_circle_one_is_refused(round_number):
    slugs = [CategoryFactory.create(slug=f"c-{number}").slug for number in range(4)]
    ids = dict(Category.objects.values_list("slug", "id"))

    outcomes = at_once(
        partial(change_category, slug_now=slug, parent_id=ids[slugs[(number + 1) % 4]])
        for number, slug in enumerate(slugs)
    )

    assert Counter(outcomes) == {"done": 3, CategoryCycle: 1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("invariants_hold")
@pytest.mark.parametrize("round_number", range(4))
def test_of_two_raw_updates_that_close_a_circle_the_database_refuses_one(round_number):
    first, second = CategoryFactory.create(), CategoryFactory.create()

    outcomes = at_once(partial(put_below, *pair) for pair in ((first.id, second.id), (second.id, first.id)))

    assert Counter(outcomes) == {"done": 1, Refused: 1}
    assert Category.objects.filter(parent=None).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("invariants_hold")
def test_names_that_come_16_times_at_once_make_16_slugs_and_a_given_slug_one_category():
    made = at_once(partial(make_category, name="Shoes") for _ in range(16))
    given = at_once(partial(make_category, name="Boots", slug="boots") for _ in range(16))

    assert Counter(made) == {"done": 16}
    assert Counter(given) == {"done": 1, SlugTaken: 15}
    assert {f"shoes-{number}" for number in range(2, 17)} | {"shoes", "boots"} == set(
        Category.objects.values_list("slug", flat=True)
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("invariants_hold")
def test_a_category_below_which_others_are_put_at_once_stays_or_takes_none():
    for number in range(8):
        parent = CategoryFactory.create(slug=f"parent-{number}")
        below, removed = at_once(
            [partial(make_category, name="Below", parent_id=parent.id), partial(delete_category, slug=parent.slug)]
        )
        assert (below, removed) in [("done", CategoryNotEmpty), (UnknownParent, "done")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("invariants_hold")
def test_a_category_on_which_a_product_is_put_at_once_stays_or_takes_none():
    product = make_product()
    for number in range(8):
        shelf = CategoryFactory.create(slug=f"shelf-of-{number}")
        put, removed = at_once([partial(put_on, product, shelf.id), partial(delete_category, slug=shelf.slug)])
        assert (put, removed) in [("done", CategoryNotEmpty), (Invalid, "done")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("invariants_hold")
def test_of_8_changes_based_on_one_version_one_is_made():
    CategoryFactory.create(slug="hats")

    outcomes = at_once(
        partial(change_category, slug_now="hats", versions=frozenset({1}), name=f"Hats {number}") for number in range(8)
    )

    assert Counter(outcomes) == {"done": 1, PreconditionFailed: 7}
    assert Category.objects.get().version == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("invariants_hold")
def test_siblings_are_placed_and_products_counted_at_once_without_waiting_in_a_circle():
    shelves = [CategoryFactory.create(slug=f"s-{number}") for number in range(6)]
    product = make_product(category_id=shelves[0].id)

    outcomes = at_once(
        act
        for number in range(12)
        for act in (
            partial(change_category, slug_now=f"s-{number % 6}", before=shelves[(number + 3) % 6].id),
            partial(put_on, product, shelves[(number * 5) % 6].id),
        )
    )

    assert Counter(outcomes) == {"done": 24}
    assert sorted(Category.objects.values_list("position", flat=True)) == list(range(6))


@pytest.mark.django_db
@pytest.mark.usefixtures("invariants_hold")
def test_siblings_are_arranged_among_themselves_in_the_places_they_have():
    tops = [CategoryFactory.create(slug=slug, position=place) for place, slug in enumerate("abcd")]
    below = [CategoryFactory.create(slug=f"a-{number}", parent=tops[0], position=7) for number in range(3)]
    untouched = CategoryFactory.create(slug="b-0", parent=tops[1], position=9)

    arrange(ids=[one.id for one in (tops[3], below[2], tops[1], untouched, below[0])])

    assert [node.slug for node in get_tree()] == ["a", "d", "c", "b"]
    assert [node.slug for node in get_tree()[0].children] == ["a-2", "a-1", "a-0"]
    assert Category.objects.get(slug="b-0").position == 9
    assert list(Category.objects.filter(version=2).order_by("slug").values_list("slug", flat=True)) == [
        "a-0",
        "a-1",
        "a-2",
        "b",
        "d",
    ]


class Refused(ServiceError):
    """The database refused it."""


def put_below(parent_id: UUID, category_id: UUID) -> None:
    try:
        with atomic(Category):
            execute(PUT_BELOW, [parent_id, category_id])
    except IntegrityError as error:
        raise Refused from error


def put_on(product: Product, category_id: UUID) -> None:
    save_product(draft=ProductDraftFactory.build(id=product.id, slug=product.slug, category_id=category_id))
