"""The shelves in the admin. There is an admin only where users are."""

import html
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel.db import alias_of
from ecommerce.kernel.testing import local
from modules.catalog.models import Category, CategorySlug, CategoryTranslation
from modules.catalog.tests.factories import CategoryFactory

pytestmark = [
    pytest.mark.skipif(not local("users"), reason="the admin lives where users live"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("invariants_hold"),
]

LIST = "/admin/catalog/category/"


@pytest.fixture
def staff(settings) -> Any:
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("en", "en"), ("de", "de")], "en"
    user: Any = get_user_model()(email="staff@example.com", is_staff=True, is_superuser=True)
    user.save()
    client = Client()
    client.force_login(user)
    return client


def test_a_category_is_made_with_its_words_in_other_languages(staff):
    shelf = CategoryFactory.create(slug="clothes")
    german = {"language": "de", "name": "Hüte", "description": "", "seo": '{"title": "Hüte"}'}

    answer = staff.post(f"{LIST}add/", form(german, name="Hats", parent=str(shelf.id), position=1))

    assert (answer.status_code, answer["Location"]) == (302, LIST)
    hats = Category.objects.get(slug="hats")
    assert (hats.name, hats.parent_id, hats.position, hats.version) == ("Hats", shelf.id, 1, 1)
    assert list(CategoryTranslation.objects.values_list("category_id", "language", "name", "seo")) == [
        (hats.id, "de", "Hüte", {"title": "Hüte"})
    ]


def test_a_change_is_made_by_logic_and_the_old_slug_is_shown_and_leads_on(staff):
    hats = CategoryFactory.create(slug="hats", name="Hats")
    words = CategoryTranslation.objects.create(category=hats, language="de", name="Hüte")
    kept = {"id": str(words.id), "category": str(hats.id), "name": "Mützen", "description": "", "seo": "{}"}

    staff.post(url_of(hats), form(kept, initial=1, name="Caps", slug="caps", position=0))

    hats.refresh_from_db()
    words.refresh_from_db()
    assert (hats.name, hats.slug, hats.version, words.name) == ("Caps", "caps", 2, "Mützen")
    assert CategorySlug.objects.get().slug == "hats"
    assert b"hats" in staff.get(url_of(hats)).content

    staff.post(url_of(hats), form(kept | {"DELETE": "on"}, initial=1, name="Caps", slug="caps", position=0))
    assert not CategoryTranslation.objects.exists()


def test_a_category_is_moved_by_its_parent_and_a_circle_is_refused_beside_the_field(staff):
    top = CategoryFactory.create(slug="top")
    below = CategoryFactory.create(slug="below")

    staff.post(url_of(below), form(name="Below", slug="below", position=0, parent=str(top.id)))
    assert Category.objects.get(slug="below").parent_id == top.id

    refused = staff.post(url_of(top), form(name="New", slug="top", position=0, parent=str(below.id)))
    assert refused.status_code == 200
    assert refused.context["adminform"].form.errors == {"parent": ["A category cannot stand below itself."]}
    assert (Category.objects.get(slug="top").parent_id, Category.objects.get(slug="top").name) == (None, "Top")


def test_the_list_shows_the_tree_in_its_order(staff):
    top = CategoryFactory.create(slug="b", name="B", position=0)
    CategoryFactory.create(slug="a", name="A", position=1)
    CategoryFactory.create(slug="b-2", name="B 2", parent=top, position=10)
    first = CategoryFactory.create(slug="b-1", name="B 1", parent=top, position=9)
    CategoryFactory.create(slug="b-1-1", name="B 1 1", parent=first)

    page = html.unescape(staff.get(LIST).content.decode())

    names = ["B", "— B 1", "— — B 1 1", "— B 2", "A"]
    places = [page.index(f">{name}</a>") for name in names]
    assert places == sorted(places)
    assert "x-sort.ghost" in page


def test_rows_that_were_dragged_are_saved_in_their_new_order(staff):
    top = CategoryFactory.create(slug="top", position=0)
    other = CategoryFactory.create(slug="other", position=1)
    first, second = (CategoryFactory.create(slug=f"s-{place}", parent=top, position=place) for place in range(2))

    answer = staff.post(LIST, rows(top, second, first, other))

    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert list(Category.objects.order_by("slug").values_list("slug", "position", "version")) == [
        ("other", 1, 1),
        ("s-0", 1, 2),
        ("s-1", 0, 2),
        ("top", 0, 1),
    ]


def test_a_position_that_is_none_is_refused_in_words(staff):
    top = CategoryFactory.create(slug="top", position=4)

    answer = staff.post(LIST, rows(top) | {"form-0-position": "-1"}, follow=True)

    assert b"A position is a whole number from 0 on." in answer.content
    assert Category.objects.get().position == 4


def test_the_list_takes_few_statements_at_2000_categories(staff):
    parents = Category.objects.bulk_create(Category(slug=f"p-{n}", name=f"P {n}") for n in range(200))
    Category.objects.bulk_create(Category(slug=f"c-{n}", name=f"C {n}", parent=parents[n % 200]) for n in range(1800))

    with CaptureQueriesContext(connections[alias_of("catalog")]) as captured:
        assert staff.get(LIST).status_code == 200

    assert len([query for query in captured if "catalog_" in query["sql"]]) == 1


def url_of(category: Category) -> str:
    return f"{LIST}{category.id}/change/"


def form(*translations: dict[str, Any], initial: int = 0, **values: Any) -> dict[str, Any]:
    return {
        "description": "",
        "image": "",
        "seo": "{}",
        "translations-TOTAL_FORMS": len(translations),
        "translations-INITIAL_FORMS": initial,
        **{f"translations-{n}-{name}": value for n, one in enumerate(translations) for name, value in one.items()},
        **values,
    }


def rows(*categories: Category) -> dict[str, Any]:
    sent: dict[str, Any] = {"form-TOTAL_FORMS": len(categories), "form-INITIAL_FORMS": len(categories), "_save": "Save"}
    for place, category in enumerate(categories):
        sent |= {f"form-{place}-id": str(category.id), f"form-{place}-position": place}
    return sent
