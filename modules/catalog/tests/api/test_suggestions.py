"""What is offered while a shopper types."""

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from ecommerce.kernel.db import alias_of, atomic
from modules.catalog.logic.listings import refresh_listings
from modules.catalog.models import Product
from modules.catalog.tests.factories import CategoryFactory, make_product

pytestmark = pytest.mark.django_db

SUGGEST = "/api/v1/catalog/search/suggest/"


@pytest.fixture
def lamps():
    shelf = CategoryFactory.create(slug="table-lamps", name="Table lamps")
    for slug, popularity in (("tarn", 10), ("fjord", 300)):
        product = make_product(slug=slug, title=f"{slug.capitalize()} Table Lamp", category_id=shelf.id)
        Product.objects.filter(id=product.id).update(popularity=popularity)
        with atomic(Product):
            refresh_listings([product.id])
    make_product(slug="mug", title="Mug", description="Reads well by a table lamp.")


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize("typed", ["l", "la", "lam", "lamp", "table l", "tabel lamp"])
def test_categories_come_first_then_products_the_popular_first(typed):
    found = [(one["type"], one["title"], one["slug"]) for one in suggest(typed)]

    assert found == [
        ("category", "Table lamps", "table-lamps"),
        ("product", "Fjord Table Lamp", "fjord"),
        ("product", "Tarn Table Lamp", "tarn"),
    ]


@pytest.mark.usefixtures("lamps")
def test_a_slip_in_the_only_word_still_finds_the_products():
    assert [one["slug"] for one in suggest("lmap")] == ["fjord", "tarn"]


@pytest.mark.usefixtures("lamps")
def test_a_product_has_its_picture_and_a_category_none():
    category, product, _ = suggest("lamp")

    assert category["image"] is None
    assert product["image"]["alt"] == "A teal shirt"


@pytest.mark.parametrize("typed", ["", " ", "!", "xqzjvk", "mug lamp"])
@pytest.mark.usefixtures("lamps")
def test_nothing_is_offered_for_nothing(typed):
    assert suggest(typed) == []


def test_there_are_eight_at_most():
    for number in range(10):
        make_product(title=f"Lamp {number}", category_id=CategoryFactory.create(name=f"Lamp shelf {number}").id)

    assert [one["type"] for one in suggest("lamp")] == ["category"] * 3 + ["product"] * 5


@pytest.mark.usefixtures("lamps")
def test_it_takes_two_statements():
    with CaptureQueriesContext(connections[alias_of("catalog")]) as captured:
        suggest("lamp")

    assert len(captured) == 2


@pytest.mark.parametrize("query", [{}, {"q": "a" * 201}, {"q": "a", "limit": "3"}])
def test_what_makes_no_sense_is_refused(query):
    assert APIClient().get(SUGGEST, query).status_code == 400


@given(text=st.text(max_size=60))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_may_be_typed(text):
    answer = APIClient().get(SUGGEST, {"q": text})

    assert answer.status_code == (400 if "\0" in text else 200), answer.content


def suggest(typed: str) -> list[dict[str, Any]]:
    answer = APIClient().get(SUGGEST, {"q": typed})
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results
