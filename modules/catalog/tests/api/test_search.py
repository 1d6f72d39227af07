"""Searching over HTTP."""

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from ecommerce.kernel.db import alias_of, atomic
from modules.catalog.logic import search
from modules.catalog.logic.database import fetch
from modules.catalog.logic.listings import refresh_listings
from modules.catalog.logic.products import save_product
from modules.catalog.logic.words import count_words
from modules.catalog.models import Product, ProductTranslation, SearchDocument, SearchWord
from modules.catalog.tests.factories import (
    CategoryFactory,
    ProductDraftFactory,
    VariantDraftFactory,
    make_product,
    price,
)

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/catalog/products/"


def test_the_title_is_found_before_what_is_said_and_that_before_the_description():
    make_product(slug="described", title="Sofa", description="Goes with every lamp.")
    make_product(slug="said", title="Table", attributes={"goes_with": "lamp"})
    make_product(slug="titled", title="Desk lamp")
    make_product(slug="neither", title="Mug")

    assert slugs(q="lamp") == ["titled", "said", "described"]


def test_the_popular_is_found_before_the_obscure():
    for slug, popularity in (("obscure", 1), ("popular", 500), ("unknown", 0)):
        make_popular(popularity, slug=slug, title="Desk lamp")

    assert slugs(q="lamp") == ["popular", "obscure", "unknown"]


def test_the_first_page_is_the_beginning_of_all_that_is_found(monkeypatch):
    for number, popularity in enumerate((0, 0, 7, 7, 7, 900, 900, 20_000)):
        make_popular(popularity, slug=f"lamp-{number}", title="Desk lamp")
    make_popular(50_000, title="Lamp", variants=[VariantDraftFactory.build(prices=[price("100", "JPY")])])
    count_words()
    whole = slugs(q="lamp", limit=100)
    monkeypatch.setattr(search, "FIRST", 3)

    assert len(whole) == 8
    assert [slugs(q="lamp", limit=limit) for limit in range(1, 9)] == [whole[:limit] for limit in range(1, 9)]
    pages = [get(PRODUCTS, q="lamp", limit=2)]
    while pages[-1]["next"]:
        pages.append(get(pages[-1]["next"]))
    assert [card["slug"] for page in pages for card in page["results"]] == whole


@pytest.mark.parametrize("reach", [1, 4, 11, 100])
def test_of_what_matches_alike_the_most_popular_are_found(reach):
    popularities = [0, 1, 2, 4, 5, 17, 60, 300, 1000, 1001, 4096, 30_000]
    for popularity in popularities:
        make_popular(popularity, title="Desk lamp")
    count_words()

    found = search.search("lamp desk", reach=reach)
    [(ids,)] = fetch(f"WITH {found.expressions} SELECT array_agg(product_id) FROM found", found.parameters)  # noqa: S608  (our own SQL)

    assert sorted(Product.objects.filter(id__in=ids).values_list("popularity", flat=True)) == popularities[-reach:]


def test_words_that_never_meet_find_what_has_any_of_them():
    make_product(slug="one", title="Oak chair")
    make_product(slug="other", title="Pine table")

    assert sorted(slugs(q="oak table")) == ["one", "other"]


def test_what_matches_most_comes_where_nothing_matches_all():
    make_product(slug="two", title="Red wool scarf")
    make_product(slug="one", title="Red cap")
    make_product(slug="none", title="Blue mug")

    assert slugs(q="red wool hat") == ["two", "one"]
    assert slugs(q="red mug") == sorted(["two", "one", "none"], key=slugs(q="red mug").index)
    assert set(slugs(q="red mug")) == {"two", "one", "none"}


def test_a_search_is_narrowed_sorted_and_paged_like_any_list():
    shelf = CategoryFactory.create(slug="lamps", name="Lighting")
    for number in range(7):
        make_product(
            slug=f"lamp-{number}",
            title=f"Lamp {number}",
            category_id=shelf.id if number % 2 else CategoryFactory.create().id,
            attributes={"tone": "red" if number < 4 else "blue"},
            variants=[VariantDraftFactory.build(prices=[price(f"{10 - number}.00", "EUR")])],
        )
    make_product(slug="mug", title="Mug")

    assert slugs(q="lamp", sort="price") == [f"lamp-{number}" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert slugs(q="lamp", sort="title", category="lamps") == ["lamp-1", "lamp-3", "lamp-5"]
    assert slugs(q="lamp", sort="title", price_max="7", **{"attr.tone": "red"}) == ["lamp-3"]
    pages = [get(PRODUCTS, q="lamp", limit=3)]
    while pages[-1]["next"]:
        pages.append(get(pages[-1]["next"]))
    assert [[card["slug"] for card in page["results"]] for page in pages] == [
        slugs(q="lamp")[:3],
        slugs(q="lamp")[3:6],
        slugs(q="lamp")[6:],
    ]
    assert get(pages[2]["previous"])["results"] == pages[1]["results"]
    assert refusal(pages[0]["next"] + "&in_stock=true") == (400, "cursor_mismatch")


def test_a_changed_product_is_found_by_its_new_words_at_once_and_by_the_old_no_more():
    draft = ProductDraftFactory.build(title="Desk lamp")
    save_product(draft=draft)
    assert len(slugs(q="lamp")) == 1

    draft.__dict__["title"] = "Kitchen stool"
    save_product(draft=draft)
    assert (len(slugs(q="stool")), slugs(q="lamp")) == (1, [])

    draft.__dict__["status"] = "archived"
    save_product(draft=draft)
    assert (slugs(q="stool"), SearchDocument.objects.count()) == ([], 0)


def test_a_translation_is_found_in_its_own_language():
    product = make_product(slug="lamp", title="Table lamp")
    ProductTranslation.objects.create(product=product, language="de", title="Tischlampe", description="Schöne Türen")
    with atomic(Product):
        refresh_listings([product.id])

    assert slugs(q="tischlampen") == ["lamp"]
    assert slugs(q="tur") == slugs(q="Tür") == ["lamp"]


def test_only_published_products_with_a_price_in_the_currency_are_found():
    make_product(title="Lamp", slug="yen", variants=[VariantDraftFactory.build(prices=[price("100", "JPY")])])
    make_product(title="Lamp", status="draft")

    assert slugs(q="lamp") == []
    assert slugs(q="lamp", currency="JPY") == ["yen"]


@pytest.mark.parametrize("q", ["", " ", "  "])
def test_no_words_are_no_search(q):
    make_product(slug="lamp")

    assert slugs(q=q) == ["lamp"]


def test_counting_the_words_leaves_one_of_each_with_its_figures():
    make_product(title="Desk lamp")
    make_product(title="Table", description="A lamp's best friend.")
    SearchWord.objects.create(word="lamp", documents=9, titles=9)
    SearchWord.objects.create(word="forgotten", documents=9, titles=9)

    count_words()

    assert list(SearchWord.objects.filter(word="lamp").values_list("documents", "titles")) == [(2, 1)]
    assert not SearchWord.objects.filter(word="forgotten").exists()


def test_a_search_takes_at_most_three_statements():
    make_product(title="Lamp", attributes={"tone": "red"})

    for query in ({"q": "lamp"}, {"q": "lamp xyz", "sort": "price", "attr.tone": "red", "category": "shelf-1"}):
        with CaptureQueriesContext(connections[alias_of("catalog")]) as captured:
            get(PRODUCTS, **query)
        assert len(captured) <= 3


@given(text=st.text(max_size=200) | st.text(alphabet="'\\\"&|!():*<>-%:E\0a1 ", max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_may_be_typed(text):
    make_product(title="a1 lamp" if not Product.objects.exists() else "Another")

    answer = APIClient().get(PRODUCTS, {"q": text.encode(errors="replace").decode()})

    assert answer.status_code == (400 if "\0" in text else 200), answer.content


def make_popular(popularity: int, **draft: Any) -> None:
    product = make_product(**draft)
    Product.objects.filter(id=product.id).update(popularity=popularity)
    with atomic(Product):
        refresh_listings([product.id])


def get(path: str, **query: Any) -> Any:
    answer = APIClient().get(path, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def slugs(**query: Any) -> list[str]:
    return [card["slug"] for card in get(PRODUCTS, **query)["results"]]


def refusal(path: str) -> tuple[int, str]:
    answer = APIClient().get(path)
    return answer.status_code, answer.json()["code"]
