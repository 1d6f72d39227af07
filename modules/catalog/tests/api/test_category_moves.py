"""The shelves over HTTP, moved by staff."""

import pytest
from rest_framework.test import APIClient

from modules.catalog.models import Category
from modules.catalog.tests.api.category_desk import CATEGORIES, STAFF, announced, client_of, id_of, places, send
from modules.catalog.tests.factories import CategoryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


@pytest.fixture
def staff() -> APIClient:
    return client_of(STAFF)


@pytest.fixture
def clothes() -> Category:
    return CategoryFactory.create(slug="clothes", name="Clothes")


def test_a_category_is_moved_with_all_below_it(staff, clothes):
    shirts = CategoryFactory.create(slug="shirts", parent=clothes)
    CategoryFactory.create(slug="polos", parent=shirts)

    moved = send(staff.patch, f"{CATEGORIES}shirts/", parent_id=None).json()

    assert (moved["parent_id"], moved["ancestors"]) == (None, [])
    assert [child["slug"] for child in moved["children"]] == ["polos"]


def test_no_category_stands_below_itself(staff, clothes):
    shirts = CategoryFactory.create(slug="shirts", parent=clothes)

    for below in (clothes, shirts):
        refused = send(staff.patch, f"{CATEGORIES}clothes/", parent_id=str(below.id), name="Other")
        assert (refused.status_code, refused.json()["code"]) == (409, "category_cycle")
    beside = send(staff.patch, f"{CATEGORIES}clothes/", before=str(shirts.id))
    assert (beside.status_code, beside.json()["code"]) == (409, "category_cycle")
    clothes.refresh_from_db()
    assert (clothes.name, clothes.parent_id, clothes.version) == ("Clothes", None, 1)


def test_the_tree_is_ten_levels_deep_at_most(staff):
    parent = None
    for level in range(10):
        parent = CategoryFactory.create(slug=f"level-{level}", parent=parent)
    pair = CategoryFactory.create(slug="pair")
    CategoryFactory.create(slug="pair-below", parent=pair)
    below = {slug: Category.objects.get(slug=slug).id for slug in ("level-7", "level-8", "level-9")}

    made = send(staff.post, CATEGORIES, name="Eleventh", parent_id=str(below["level-9"]))
    moved = send(staff.patch, f"{CATEGORIES}pair/", parent_id=str(below["level-8"]))

    for refused in (made, moved):
        assert (refused.status_code, refused.json()["code"]) == (409, "category_too_deep")
        assert refused.json()["most_levels"] == 10
    assert not Category.objects.filter(name="Eleventh").exists()
    assert send(staff.patch, f"{CATEGORIES}pair/", parent_id=str(below["level-7"])).status_code == 200
    assert APIClient().get(f"{CATEGORIES}level-0/").status_code == 200


def test_a_category_is_put_before_or_after_a_sibling_and_the_others_move_up(staff, clothes):
    for slug in ("a", "b", "c"):
        CategoryFactory.create(slug=slug, parent=clothes)
    elsewhere = CategoryFactory.create(slug="elsewhere")

    send(staff.patch, f"{CATEGORIES}c/", before=id_of("b"))
    assert places(clothes) == [("a", 0, 1), ("c", 1, 2), ("b", 2, 2)]

    send(staff.patch, f"{CATEGORIES}elsewhere/", after=id_of("a"))
    assert places(clothes) == [("a", 0, 1), ("elsewhere", 1, 2), ("c", 2, 3), ("b", 3, 3)]

    made = send(staff.post, CATEGORIES, name="New", after=id_of("b")).json()
    assert (made["parent_id"], made["position"]) == (str(clothes.id), 4)
    assert announced()[-1] == Category.objects.get(slug="new").id
    assert elsewhere.id in announced()


def test_a_category_stands_beside_no_other_than_a_sibling(staff, clothes):
    answer = send(staff.patch, f"{CATEGORIES}clothes/", before=str(clothes.id))

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_sibling")
