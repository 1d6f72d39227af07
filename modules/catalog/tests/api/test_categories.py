"""The shelves over HTTP."""

import pytest
from django.db import connections
from rest_framework.test import APIClient

from ecommerce.kernel.db import alias_of
from modules.catalog.tests.factories import CategoryFactory, make_product

pytestmark = pytest.mark.django_db

CATEGORIES = "/api/v1/catalog/categories/"


@pytest.fixture
def clothes():
    """Clothes > Shirts > Polos, with two products on Shirts, one on Polos; and an empty shelf beside."""
    root = CategoryFactory.create(slug="clothes", name="Clothes", description="To wear.", image="/media/clothes.webp")
    shirts = CategoryFactory.create(slug="shirts", name="Shirts", parent=root, position=2)
    CategoryFactory.create(slug="socks", name="Socks", parent=root, position=1)
    polos = CategoryFactory.create(slug="polos", name="Polos", parent=shirts)
    for shelf in (shirts, shirts, polos):
        make_product(category_id=shelf.id)
    make_product(category_id=polos.id, status="draft")
    return root


def test_the_tree_is_nested_ordered_and_counts_published_products(clothes, settings):
    settings.PUBLIC_URL = "https://shop.test"

    [root] = get(CATEGORIES)["results"]

    children = root.pop("children")
    assert root == {
        "id": str(clothes.id),
        "slug": "clothes",
        "name": "Clothes",
        "description": "To wear.",
        "image": "https://shop.test/media/clothes.webp",
        "product_count": 3,
    }
    assert [(child["slug"], child["product_count"]) for child in children] == [("socks", 0), ("shirts", 3)]
    assert [(child["slug"], child["product_count"]) for child in children[1]["children"]] == [("polos", 1)]


def test_the_tree_takes_one_statement_and_so_does_a_branch(clothes, django_assert_num_queries):
    for path in (CATEGORIES, f"{CATEGORIES}shirts/"):
        with django_assert_num_queries(1, connection=connections[alias_of("catalog")]):
            get(path)


def test_a_category_shows_the_way_to_it_and_what_is_below_it(clothes):
    polos, root = get(f"{CATEGORIES}polos/"), get(f"{CATEGORIES}clothes/")

    assert [above["slug"] for above in polos["ancestors"]] == ["clothes", "shirts"]
    assert polos["ancestors"][0] == {"id": str(clothes.id), "slug": "clothes", "name": "Clothes"}
    assert (polos["product_count"], polos["children"]) == (1, [])
    assert root["ancestors"] == []
    assert {**root, "children": [child["slug"] for child in root["children"]]} == {
        **get(CATEGORIES)["results"][0],
        "ancestors": [],
        "children": ["socks", "shirts"],
    }


def test_an_unknown_category_is_not_there():
    answer = APIClient().get(f"{CATEGORIES}nothing/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", [CATEGORIES, f"{CATEGORIES}clothes/"])
def test_categories_take_no_parameters_and_are_not_sent_twice(clothes, path):
    assert APIClient().get(path, {"q": "x"}).json()["code"] == "unknown_field"
    first = APIClient().get(path)
    assert APIClient().get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304


def get(path):
    answer = APIClient().get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()
