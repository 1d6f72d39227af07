"""The shelves over HTTP, for staff: made, changed, moved and removed."""

import pytest
from django.db import connections
from rest_framework.test import APIClient

from ecommerce.kernel.db import alias_of
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.catalog.models import Category, CategorySlug, CategoryTranslation
from modules.catalog.tests.api.category_desk import CATEGORIES, STAFF, announced, client_of, send
from modules.catalog.tests.factories import CategoryFactory, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


@pytest.fixture(autouse=True)
def languages(settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("en", "en"), ("de", "de")], "en"
    settings.PUBLIC_URL = "https://shop.test"


@pytest.fixture
def staff() -> APIClient:
    return client_of(STAFF)


@pytest.fixture
def clothes() -> Category:
    return CategoryFactory.create(slug="clothes", name="Clothes")


def test_a_category_is_made_with_all_there_is_of_it(staff, clothes):
    answer = send(
        staff.post,
        CATEGORIES,
        name="Übergrößen",
        parent_id=str(clothes.id),
        description="For the tall.",
        position=3,
        image="/media/tall.webp",
        seo={"title": "Tall", "description": ""},
        translations={"de": {"name": "Für Große", "seo": {"title": "Groß"}}},
    )

    made = Category.objects.get(slug="ubergroen")
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer.json() == {
        "id": str(made.id),
        "slug": "ubergroen",
        "name": "Übergrößen",
        "description": "For the tall.",
        "image": "https://shop.test/media/tall.webp",
        "product_count": 0,
        "children": [],
        "ancestors": [{"id": str(clothes.id), "slug": "clothes", "name": "Clothes"}],
        "parent_id": str(clothes.id),
        "position": 3,
        "seo": {"title": "Tall", "description": ""},
        "version": 1,
        "translations": {"de": {"name": "Für Große", "description": "", "seo": {"title": "Groß", "description": ""}}},
    }
    assert announced() == [made.id]


def test_a_slug_made_of_the_name_is_one_that_no_category_has_or_had(staff):
    slugs = [send(staff.post, CATEGORIES, name="Hats & Caps").json()["slug"] for _ in range(2)]
    send(staff.patch, f"{CATEGORIES}hats-caps-2/", slug="caps")

    assert slugs == ["hats-caps", "hats-caps-2"]
    assert send(staff.post, CATEGORIES, name="Hats & Caps").json()["slug"] == "hats-caps-3"
    assert send(staff.post, CATEGORIES, name="Обувь").json()["slug"] == "category"
    assert len(send(staff.post, CATEGORIES, name="x" * 120).json()["slug"]) == 110


def test_only_what_is_given_is_changed(staff, clothes):
    url = f"{CATEGORIES}clothes/"
    send(staff.patch, url, description="To wear.", image="https://pictures.example/a.webp", translations={"de": {}})

    answer = send(staff.patch, url, name="Clothing", image=None)

    assert (answer.status_code, answer["ETag"], answer.json()["version"]) == (200, '"3"', 3)
    clothes.refresh_from_db()
    assert (clothes.name, clothes.slug, clothes.description, clothes.image) == ("Clothing", "clothes", "To wear.", "")
    assert CategoryTranslation.objects.count() == 1


def test_a_change_that_changes_nothing_makes_no_version_and_tells_what_there_is(staff, clothes):
    words = {"de": {"name": "Kleidung"}}
    first = send(staff.patch, f"{CATEGORIES}clothes/", translations=words)

    for body in ({}, {"name": "Clothes", "parent_id": None, "translations": {**words}}):
        again = send(staff.patch, f"{CATEGORIES}clothes/", **body)
        assert (again.status_code, again["ETag"], again.json()) == (200, '"2"', first.json())
    assert announced() == [clothes.id]


def test_a_languages_words_are_replaced_and_null_takes_them_away(staff, clothes):
    url = f"{CATEGORIES}clothes/"
    send(staff.patch, url, translations={"de": {"name": "Kleidung", "description": "Zum Anziehen."}})

    replaced = send(staff.patch, url, translations={"de": {"name": "Mode"}}).json()
    removed = send(staff.patch, url, translations={"de": None}).json()

    empty = {"title": "", "description": ""}
    assert replaced["translations"] == {"de": {"name": "Mode", "description": "", "seo": empty}}
    assert (removed["translations"], removed["version"]) == ({}, 4)
    assert send(staff.patch, url, translations={"de": None}).json()["version"] == 4


def test_a_stale_etag_is_refused_and_a_fresh_one_will_do(staff, clothes):
    url = f"{CATEGORIES}clothes/"
    assert send(staff.patch, url, headers={"If-Match": '"1"'}, name="Clothing")["ETag"] == '"2"'

    for act in (staff.patch, staff.delete):
        stale = send(act, url, headers={"If-Match": '"1"'}, **({"name": "Old"} if act == staff.patch else {}))
        assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "precondition_failed", 2)
    assert Category.objects.get().name == "Clothing"


def test_the_same_slug_is_refused_and_changes_nothing(staff, clothes):
    CategoryFactory.create(slug="socks")

    made = send(staff.post, CATEGORIES, name="Other", slug="clothes")
    renamed = send(staff.patch, f"{CATEGORIES}socks/", slug="clothes", name="Other")

    assert [(one.status_code, one.json()["code"]) for one in (made, renamed)] == [(409, "slug_taken")] * 2
    assert list(Category.objects.order_by("slug").values_list("name", flat=True)) == ["Clothes", "Socks"]
    assert (CategorySlug.objects.count(), announced()) == (0, [])


def test_an_old_slug_leads_to_the_new_one_until_another_category_takes_it(staff, clothes):
    send(staff.patch, f"{CATEGORIES}clothes/", slug="clothing")
    send(staff.patch, f"{CATEGORIES}clothing/", slug="wear")

    for old in ("clothes", "clothing"):
        moved = APIClient().get(f"{CATEGORIES}{old}/?page=2&a=b")
        assert (moved.status_code, moved["Location"]) == (301, f"{CATEGORIES}wear/?page=2&a=b")
    assert APIClient().get(f"{CATEGORIES}clothes/")["Location"] == f"{CATEGORIES}wear/"
    assert send(staff.patch, f"{CATEGORIES}clothes/", name="x").status_code == 404

    taken = send(staff.post, CATEGORIES, name="New", slug="clothes").json()
    assert APIClient().get(f"{CATEGORIES}clothes/").json()["id"] == taken["id"]
    assert list(CategorySlug.objects.values_list("slug", flat=True)) == ["clothing"]


def test_a_category_may_take_its_own_old_slug_back(staff, clothes):
    send(staff.patch, f"{CATEGORIES}clothes/", slug="clothing")
    send(staff.patch, f"{CATEGORIES}clothing/", slug="clothes")

    assert APIClient().get(f"{CATEGORIES}clothes/").status_code == 200
    assert APIClient().get(f"{CATEGORIES}clothing/")["Location"] == f"{CATEGORIES}clothes/"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"parent_id": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10"}, "parent_id", "unknown_parent"),
        ({"before": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10"}, "before", "unknown_sibling"),
        ({"after": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10"}, "after", "unknown_sibling"),
        ({"after": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10", "position": 1}, "after", "invalid"),
        ({"parent_id": "clothes"}, "parent_id", "invalid"),
        ({"position": -1}, "position", "min_value"),
        ({"name": " "}, "name", "blank"),
        ({"slug": "a/b"}, "slug", "invalid"),
        ({"slug": ""}, "slug", "blank"),
        ({"image": "javascript:alert(1)"}, "image", "invalid"),
        ({"image": "//elsewhere.example/x.png"}, "image", "invalid"),
        ({"seo": {"keywords": "x"}}, "seo.keywords", "unknown_field"),
        ({"translations": {"fr": {"name": "Mode"}}}, "translations.fr", "unknown_language"),
        ({"translations": {"en": {"name": "Mode"}}}, "translations.en", "unknown_language"),
        ({"translations": {"de": {"slug": "mode"}}}, "translations.de.slug", "unknown_field"),
        ({"translations": {"de": "Mode"}}, "translations.de.non_field_errors", "invalid"),
        ({"product_count": 3}, "product_count", "unknown_field"),
    ],
)
def test_what_will_not_do_is_refused_by_name(staff, clothes, body, field, code):
    made = send(staff.post, CATEGORIES, **({"name": "New"} | body))
    changed = send(staff.patch, f"{CATEGORIES}clothes/", **body)

    for answer in (made, changed):
        assert answer.status_code == 400
        assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
            (field.removesuffix(".non_field_errors"), code)
        ]
    assert list(Category.objects.values_list("name", "version")) == [("Clothes", 1)]


def test_a_category_on_which_nothing_stands_is_removed_with_its_old_slugs_and_words(staff, clothes):
    send(staff.patch, f"{CATEGORIES}clothes/", slug="wear", translations={"de": {"name": "Kleidung"}})

    assert send(staff.delete, f"{CATEGORIES}wear/").status_code == 204

    assert [model.objects.count() for model in (Category, CategorySlug, CategoryTranslation)] == [0, 0, 0]
    assert APIClient().get(f"{CATEGORIES}clothes/").status_code == 404
    assert send(staff.delete, f"{CATEGORIES}wear/").status_code == 404
    assert announced() == [clothes.id, clothes.id]


def test_a_category_on_which_something_stands_stays_and_says_what(staff, clothes):
    shirts = CategoryFactory.create(slug="shirts", parent=clothes)
    for status in ("draft", "published", "archived"):
        make_product(category_id=shirts.id, status=status)

    for slug, products, children in (("clothes", 0, 1), ("shirts", 3, 0)):
        refused = send(staff.delete, f"{CATEGORIES}{slug}/")
        assert (refused.status_code, refused.json()["code"]) == (409, "category_not_empty")
        assert (refused.json()["products"], refused.json()["children"]) == (products, children)
    assert (Category.objects.count(), announced()) == (2, [])


@pytest.mark.parametrize(
    ("principal", "status"),
    [
        (None, 401),
        (Principal(id=new_id()), 403),
        (Principal(id=new_id(), is_staff=True), 403),
        (Principal(id=new_id(), scopes=frozenset({"catalog.write"})), 403),
    ],
)
def test_nobody_else_writes_and_everybody_reads(clothes, principal, status):
    client = client_of(principal)
    url = f"{CATEGORIES}clothes/"

    answers = [send(client.post, CATEGORIES, colour="red"), send(client.patch, url, name=3), send(client.delete, url)]

    assert [answer.status_code for answer in answers] == [status] * 3
    assert list(Category.objects.values_list("name", "version")) == [("Clothes", 1)]
    assert client.get(url).json() == APIClient().get(url).json()


def test_a_change_takes_as_many_statements_in_a_large_tree(staff, clothes, django_assert_num_queries):
    for number in range(20):
        CategoryFactory.create(slug=f"shelf-{number}", parent=clothes)
    body = {"name": "Coats", "slug": "coats", "translations": {"de": {"name": "Mäntel"}}}
    parent = CategoryFactory.create(slug="outdoors")

    # Savepoint 2, lock, read, move, words 2, change, slugs 2, event, answer 2.
    with django_assert_num_queries(15, connection=connections[alias_of("catalog")]):
        send(staff.patch, f"{CATEGORIES}shelf-7/", parent_id=str(parent.id), **body)
    with django_assert_num_queries(6, connection=connections[alias_of("catalog")]):
        send(staff.patch, f"{CATEGORIES}coats/")
