"""The shelves over HTTP."""

import pytest
from django.db import connections
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.db import alias_of
from modules.catalog.logic.categories import find_id, get_breadcrumb
from modules.catalog.models import Category, CategorySlug, CategoryTranslation
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


def test_words_come_in_the_language_asked_for_and_fall_back_to_the_categorys_own(clothes, settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("en", "en"), ("de", "de"), ("ru", "ru")], "en"
    translate(clothes, "de", name="Kleidung", description="Zum Anziehen.")
    translate(Category.objects.get(slug="shirts"), "de", description="Für oben.")
    translate(Category.objects.get(slug="socks"), "de", name="Zocken")

    [root] = get(CATEGORIES, "de-AT, en;q=0.5")["results"]
    polos = get(f"{CATEGORIES}polos/", "de")

    assert (root["name"], root["description"]) == ("Kleidung", "Zum Anziehen.")
    assert [(child["name"], child["description"]) for child in root["children"]] == [
        ("Zocken", ""),
        ("Shirts", "Für oben."),
    ]
    assert [above["name"] for above in polos["ancestors"]] == ["Kleidung", "Shirts"]
    assert [link.name for link in get_breadcrumb(Category.objects.get(slug="polos").id, "de")] == [
        "Kleidung",
        "Shirts",
        "Polos",
    ]
    assert [link.name for link in get_breadcrumb(clothes.id)] == ["Clothes"]
    assert get(CATEGORIES, "ru") == get(CATEGORIES, "en") == get(CATEGORIES)


@pytest.mark.parametrize("path", [CATEGORIES, f"{CATEGORIES}clothes/"])
def test_an_answer_names_its_language_and_each_language_has_its_own_etag(clothes, settings, path):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("en", "en"), ("de", "de")], "en"
    translate(clothes, "de", name="Kleidung")

    english, german = (APIClient().get(path, headers={"Accept-Language": language}) for language in ("en", "de"))

    assert (english["Content-Language"], german["Content-Language"]) == ("en", "de")
    assert "Accept-Language" in german["Vary"].split(", ")
    assert english["ETag"] != german["ETag"]
    kept = {"Accept-Language": "de", "If-None-Match": german["ETag"]}
    unchanged = APIClient().get(path, headers=kept)
    assert (unchanged.status_code, unchanged["Content-Language"]) == (304, "de")
    assert "Accept-Language" in unchanged["Vary"].split(", ")


def test_siblings_at_one_position_come_by_the_name_that_is_shown(settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("en", "en"), ("de", "de")], "en"
    for slug, german in (("apples", "Äpfel"), ("pears", "Birnen"), ("cherries", "Kirschen")):
        translate(CategoryFactory.create(slug=slug), "de", name="Zwetschgen" if slug == "apples" else german)

    assert [node["slug"] for node in get(CATEGORIES)["results"]] == ["apples", "cherries", "pears"]
    assert [node["slug"] for node in get(CATEGORIES, "de")["results"]] == ["pears", "cherries", "apples"]


def test_a_tree_of_2000_categories_is_one_statement(django_assert_num_queries):
    grow(2000)

    with django_assert_num_queries(1, connection=connections[alias_of("catalog")]):
        tree = get(CATEGORIES)["results"]

    assert sum(map(size, tree)) == 2000
    assert max(map(depth, tree)) == 10


def test_an_old_slug_finds_its_category(clothes):
    CategorySlug.objects.create(slug="wear", category=clothes, created_at=clock.now())

    assert [find_id(slug) for slug in ("clothes", "wear", "nothing")] == [clothes.id, clothes.id, None]


def get(path, language=None):
    answer = APIClient().get(path, headers={"Accept-Language": language} if language else {})
    assert answer.status_code == 200, answer.content
    return answer.json()


def translate(category, language, **words):
    CategoryTranslation.objects.create(category=category, language=language, **words)


def grow(number):
    """So many categories: chains of ten."""
    rows: list[Category] = []
    for n in range(number):
        rows.append(Category(slug=f"n-{n}", name=f"N {n}", parent=rows[-1] if n % 10 else None))
    Category.objects.bulk_create(rows)


def size(node):
    return 1 + sum(map(size, node["children"]))


def depth(node):
    return 1 + max(map(depth, node["children"]), default=0)
