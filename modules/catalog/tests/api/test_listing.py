"""Lists narrowed and ordered in every way api.md names."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.catalog.logic import listing
from modules.catalog.logic.listings import refresh_listings
from modules.catalog.models import Attribute, CategorySlug, Listing, Product
from modules.catalog.tests.factories import CategoryFactory, VariantDraftFactory, make_product, price

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/catalog/products/"
SORTS = ["newest", "price", "-price", "title", "rating", "relevance"]


def test_products_are_filtered_by_any_value_of_one_attribute_and_all_attributes():
    make_product(slug="linen-red", attributes={"material": "linen", "tone": "red"})
    make_product(slug="linen-blue", attributes={"material": "linen", "tone": "blue"})
    make_product(slug="wool-red", attributes={"material": "wool", "tone": "red"})
    make_product(slug="plain")

    assert slugs(**{"attr.material": "linen"}) == ["linen-blue", "linen-red"]
    assert slugs(**{"attr.material": "linen,wool"}) == ["linen-blue", "linen-red", "wool-red"]
    assert slugs(**{"attr.material": ["linen", "wool"]}) == ["linen-blue", "linen-red", "wool-red"]
    assert slugs(**{"attr.material": "linen,wool", "attr.tone": "red"}) == ["linen-red", "wool-red"]
    assert slugs(**{"attr.material": "silk"}) == []
    assert slugs(**{"attr.material": "LINEN"}) == []


def test_a_comma_of_a_value_is_written_with_a_backslash():
    make_product(slug="both", attributes={"care": "wash cold, dry flat"})
    make_product(slug="slashed", attributes={"care": "a\\b"})

    assert slugs(**{"attr.care": "wash cold, dry flat"}) == []
    assert slugs(**{"attr.care": r"wash cold\, dry flat"}) == ["both"]
    assert slugs(**{"attr.care": r"a\\b"}) == ["slashed"]


def test_options_are_filters_too_and_so_are_numbers_and_truths():
    small = VariantDraftFactory.build(options={"Shoe size": "38"})
    make_product(slug="small", options=["Shoe size"], variants=[small], attributes={"years": 2, "recycled": True})

    assert slugs(**{"attr.shoe-size": "38"}) == ["small"]
    assert slugs(**{"attr.shoe-size": "39"}) == []
    assert slugs(**{"attr.years": "2", "attr.recycled": "true"}) == ["small"]


@pytest.mark.parametrize(
    "query",
    [
        {f"attr.a{number}": "x" for number in range(11)},
        {"attr.size": ",".join(map(str, range(51)))},
        {"attr.size": ""},
        {"attr.size": ","},
        {"attr.size": "a\0b"},
        {"attr.size": "x" * 101},
    ],
)
def test_attributes_that_make_no_sense_are_refused(query):
    make_product()

    answer = APIClient().get(PRODUCTS, query)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_an_attribute_that_there_is_not_is_refused_by_name():
    Attribute.objects.create(code="tone", name="Tone", kind="choice")
    Attribute.objects.create(code="secret", name="Secret", kind="text", is_filterable=False)
    make_product(attributes={"material": "linen", "secret": "x"})

    answer = APIClient().get(PRODUCTS, {"attr.material": "linen", "attr.colour": "red", "attr.secret": "x"})

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_attribute")
    assert answer.json()["attributes"] == ["colour", "secret"]
    assert slugs(**{"attr.tone": "red"}) == []


def test_the_best_rated_come_first_and_the_unrated_last():
    rated = {"fair": (7, 2), "best": (9, 2), "unrated": (0, 0), "worst": (1, 1)}
    for slug, (stars, reviews) in rated.items():
        product = make_product(slug=slug)
        Product.objects.filter(id=product.id).update(rating_sum=stars, rating_count=reviews)
        with atomic(Product):
            refresh_listings([product.id])

    assert slugs(sort="rating", ordered=True) == ["best", "fair", "worst", "unrated"]


def test_without_words_relevance_means_newest():
    for _ in range(3):
        make_product()

    assert slugs(sort="relevance", ordered=True) == slugs(sort="newest", ordered=True) == slugs(ordered=True)


def test_a_category_is_found_by_the_slug_it_had_before():
    shelf = CategoryFactory.create(slug="shirts")
    make_product(slug="red", category_id=shelf.id)
    CategorySlug.objects.create(slug="tops", category=shelf, created_at=clock.now())

    assert slugs(category="tops") == ["red"]


@pytest.mark.parametrize("near", [300, 3])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(
    "narrowed",
    [{}, {"in_stock": "true"}, {"price_min": "2"}, {"attr.tone": "red"}, {"price_max": "3", "attr.tone": "red"}],
)
def test_a_branch_is_paged_there_and_back_like_its_shelves_put_together(sort, narrowed, near, monkeypatch):
    monkeypatch.setattr(listing, "NEAR", near)
    grow()
    whole = slugs(sort=sort, category="all", limit=100, ordered=True, **narrowed)
    everywhere = slugs(sort=sort, limit=100, ordered=True, **narrowed)
    outside = set(slugs(category="elsewhere"))

    pages = [get(PRODUCTS, sort=sort, category="all", limit=4, **narrowed)]
    while pages[-1]["next"]:
        pages.append(get(pages[-1]["next"]))
    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(get(back[-1]["previous"]))

    assert whole == [slug for slug in everywhere if slug not in outside]
    assert [card["slug"] for page in pages for card in page["results"]] == whole
    assert [page["results"] for page in reversed(back)] == [page["results"] for page in pages]


def grow() -> None:
    """Twelve products on three shelves of one branch, alike in many ways, and some elsewhere."""
    root = CategoryFactory.create(slug="all")
    below = [CategoryFactory.create(parent=root) for _ in range(2)]
    shelves = [root, below[0], CategoryFactory.create(parent=below[1]), CategoryFactory.create(slug="elsewhere")]
    for number in range(16):
        product = make_product(
            slug=f"product-{number}",
            title=f"Title {number // 3}",
            category_id=shelves[number % 4].id,
            attributes={"tone": "red" if number % 3 else "blue"},
            variants=[VariantDraftFactory.build(prices=[price(f"{number // 4 + 1}.00", "EUR")])],
            on_hand=number % 5,
        )
        Listing.objects.filter(product=product).update(rating=number % 3)


def get(path: str, **query: Any) -> Any:
    answer = APIClient().get(path, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def slugs(**query: Any) -> list[str]:
    ordered = query.pop("ordered", False)
    found = [card["slug"] for card in get(PRODUCTS, **query)["results"]]
    return found if ordered else sorted(found)
