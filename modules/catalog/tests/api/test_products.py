"""The shop window over HTTP."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from ecommerce.kernel.db import alias_of
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import StockLine
from modules.catalog.logic import stock
from modules.catalog.logic.holds import hold_stock
from modules.catalog.models import Product
from modules.catalog.tests.factories import (
    CategoryFactory,
    VariantDraftFactory,
    make_product,
    make_variant,
    price,
)

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/catalog/products/"


@pytest.fixture(autouse=True)
def shop(settings):
    settings.PUBLIC_URL = "https://shop.test"
    settings.DEFAULT_CURRENCY = "EUR"


def test_a_card_shows_what_api_md_promises():
    shelf = CategoryFactory.create(slug="shirts", name="Shirts")
    cheap = VariantDraftFactory.build(prices=[price("9.90", "EUR", before="14.90")])
    product = make_product(
        slug="red", title="Red shirt", category_id=shelf.id, variants=[cheap, VariantDraftFactory.build()]
    )

    assert get(PRODUCTS) == {
        "results": [
            {
                "id": str(product.id),
                "slug": "red",
                "title": "Red shirt",
                "category": {"id": str(shelf.id), "slug": "shirts", "name": "Shirts"},
                "image": IMAGE,
                "price_from": {"amount": "9.90", "currency": "EUR"},
                "compare_at": {"amount": "14.90", "currency": "EUR"},
                # There was no price before this one.
                "lowest_price_30_days": {"amount": "9.90", "currency": "EUR"},
                "in_stock": True,
                "rating": None,
            }
        ],
        "next": None,
        "previous": None,
    }


def test_only_published_products_with_a_price_in_the_currency_are_shown():
    make_product(slug="euro", variants=[VariantDraftFactory.build(prices=[price("1.00", "EUR")])])
    make_product(slug="yen", variants=[VariantDraftFactory.build(prices=[price("100", "JPY")])])
    make_product(slug="draft", status="draft")
    make_product(slug="archived", status="archived")

    assert slugs() == ["euro"]
    assert slugs(currency="JPY") == ["yen"]
    assert slugs(currency="USD") == []


def test_a_category_shows_what_stands_below_it_too():
    root = CategoryFactory.create(slug="clothes")
    leaf = CategoryFactory.create(slug="shirts", parent=root)
    make_product(slug="in-root", category_id=root.id)
    make_product(slug="in-leaf", category_id=leaf.id)
    make_product(slug="elsewhere")

    assert sorted(slugs(category="clothes")) == ["in-leaf", "in-root"]
    assert slugs(category="shirts") == ["in-leaf"]
    assert slugs(category="no-such-shelf") == []


def test_products_are_filtered_by_price_both_ends_included():
    for amount in ("9.99", "10.00", "12.50", "12.51"):
        make_product(slug=amount.replace(".", "-"), variants=[VariantDraftFactory.build(prices=[price(amount, "EUR")])])

    assert slugs(price_min="10", price_max="12.50", sort="price") == ["10-00", "12-50"]
    assert slugs(price_min="12.5", sort="price") == ["12-50", "12-51"]
    assert slugs(price_max="0") == []


def test_products_are_filtered_by_stock_as_it_is_now():
    make_product(slug="there")
    make_product(slug="gone", on_hand=0)
    make_product(slug="empty", variants=[VariantDraftFactory.build(), VariantDraftFactory.build()], on_hand=0)
    held = make_variant(slug="held", on_hand=2)
    assert slugs(in_stock="true", sort="title") == ["held", "there"]

    hold(held, 2)

    assert slugs(in_stock="true") == ["there"]
    assert slugs(in_stock="false", sort="title") == ["empty", "gone", "held"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", ["c", "a", "b"]),
        ("price", ["b", "a", "c"]),
        ("-price", ["c", "a", "b"]),
        ("title", ["a", "b", "c"]),
    ],
)
def test_products_are_sorted(sort, expected):
    for slug, amount in (("b", "1.00"), ("a", "2.00"), ("c", "3.00")):
        make_product(slug=slug, title=slug, variants=[VariantDraftFactory.build(prices=[price(amount, "EUR")])])

    assert slugs(sort=sort) == expected
    if sort == "newest":
        assert slugs() == expected


@pytest.mark.parametrize("sort", ["newest", "price", "-price", "title"])
def test_pages_go_there_and_back_and_miss_nothing(sort):
    for number in range(7):
        # Two of a price and two of a title, so that the id must decide.
        amount = f"{number // 2 + 1}.00"
        make_product(title=f"Shirt {number // 2}", variants=[VariantDraftFactory.build(prices=[price(amount, "EUR")])])
    whole = [card["slug"] for card in get(PRODUCTS, sort=sort)["results"]]

    there, page = [], get(PRODUCTS, sort=sort, limit=3)
    pages = [page]
    while page["next"]:
        page = get(page["next"])
        pages.append(page)
    there = [[card["slug"] for card in page["results"]] for page in pages]
    back = get(pages[-1]["previous"])

    assert there == [whole[:3], whole[3:6], whole[6:]]
    assert [card["slug"] for card in back["results"]] == whole[3:6]
    assert get(back["previous"])["results"] == pages[0]["results"]
    assert get(back["previous"])["previous"] is None
    assert all(earlier["next"] for earlier, _ in pairwise(pages))


def test_a_cursor_belongs_to_its_filters_and_its_order():
    for _ in range(3):
        make_product()
    following = get(PRODUCTS, limit=1)["next"]

    for other in ("&in_stock=true", "&sort=price", "&currency=JPY"):
        assert refusal(following + other) == (400, "cursor_mismatch")


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"colour": "red"}, "unknown_field", "colour"),
        ({"q": "s" * 201}, "invalid", "q"),
        ({"q": "a\0b"}, "invalid", None),
        ({"currency": "EURO"}, "invalid", "currency"),
        ({"currency": "eur"}, "invalid", "currency"),
        ({"sort": "cheapest"}, "invalid", "sort"),
        ({"in_stock": "yes"}, "invalid", "in_stock"),
        ({"price_min": "1e3"}, "invalid", "price_min"),
        ({"price_min": "-1"}, "invalid", "price_min"),
        ({"price_max": "1.999"}, "invalid", "price_max"),
        ({"price_max": "1.0", "currency": "JPY"}, "invalid", "price_max"),
        ({"price_max": "9" * 19}, "invalid", "price_max"),
        ({"price_max": "９"}, "invalid", "price_max"),
        ({"category": "a\0b"}, "invalid", None),
        ({"limit": "0"}, "invalid_limit", None),
        ({"limit": "101"}, "invalid_limit", None),
        ({"cursor": "nonsense"}, "invalid_cursor", None),
    ],
)
def test_what_makes_no_sense_is_refused(query, code, field):
    answer = client().get(PRODUCTS, query)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert [error["field"] for error in answer.json().get("errors", [])] == ([field] if field else [])


def test_unknown_parameters_are_named():
    answer = client().get(PRODUCTS, {"b": 1, "a": 1, "limit": 1}).json()

    assert {(error["field"], error["code"]) for error in answer["errors"]} == {
        ("a", "unknown_field"),
        ("b", "unknown_field"),
    }


def test_the_detail_shows_what_api_md_promises():
    root = CategoryFactory.create(slug="clothes", name="Clothes")
    shelf = CategoryFactory.create(slug="shirts", name="Shirts", parent=root)
    small = VariantDraftFactory.build(
        sku="S", options={"Size": "S"}, prices=[price("9.90", "EUR", before="12.90")], position=1
    )
    large = VariantDraftFactory.build(sku="L", options={"Size": "L"}, prices=[price("1200", "JPY")], position=2)
    product = make_product(
        slug="red",
        title="Red shirt",
        description="It is red.",
        category_id=shelf.id,
        variants=[large, small],
        attributes={"material": "cotton", "weight_kg": 0.2, "washable": True},
        seo={"description": "Red."},
        on_hand=0,
    )
    stock.adjust_stock(variant_id=small.id, delta=5, reason="received", actor_id=None)

    expected = {
        "id": str(product.id),
        "slug": "red",
        "title": "Red shirt",
        "description": "It is red.",
        "category": {"id": str(shelf.id), "slug": "shirts", "name": "Shirts"},
        "breadcrumb": [
            {"id": str(root.id), "slug": "clothes", "name": "Clothes"},
            {"id": str(shelf.id), "slug": "shirts", "name": "Shirts"},
        ],
        "options": [{"name": "Size", "values": ["S", "L"]}],
        "variants": [
            {
                "id": str(small.id),
                "sku": "S",
                "options": {"Size": "S"},
                "price": {"amount": "9.90", "currency": "EUR"},
                "compare_at": {"amount": "12.90", "currency": "EUR"},
                "lowest_price_30_days": {"amount": "9.90", "currency": "EUR"},
                "in_stock": True,
                "low_stock": True,
                "images": [],
            },
            {
                "id": str(large.id),
                "sku": "L",
                "options": {"Size": "L"},
                "price": None,
                "compare_at": None,
                "lowest_price_30_days": None,
                "in_stock": False,
                "low_stock": False,
                "images": [],
            },
        ],
        "attributes": {"material": "cotton", "weight_kg": 0.2, "washable": True},
        "images": [IMAGE],
        "price_from": {"amount": "9.90", "currency": "EUR"},
        "compare_at": {"amount": "12.90", "currency": "EUR"},
        "lowest_price_30_days": {"amount": "9.90", "currency": "EUR"},
        "in_stock": True,
        "seo": {"title": "Red shirt", "description": "Red."},
        "rating": None,
        "related": [],
    }
    assert get(f"{PRODUCTS}red/") == expected
    assert get(f"{PRODUCTS}{product.id}/") == expected


def test_the_detail_in_another_currency():
    make_product(slug="red", variants=[VariantDraftFactory.build(prices=[price("1200", "JPY")])])

    assert get(f"{PRODUCTS}red/", currency="JPY")["price_from"] == {"amount": "1200", "currency": "JPY"}
    assert get(f"{PRODUCTS}red/", currency="USD")["price_from"] is None


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_an_unpublished_product_is_not_there(status):
    product = make_product(slug="red", status=status)

    assert refusal(f"{PRODUCTS}red/") == (404, "not_found")
    assert refusal(f"{PRODUCTS}{product.id}/") == (404, "not_found")
    assert refusal(f"{PRODUCTS}{new_id()}/") == (404, "not_found")


def test_the_detail_knows_one_parameter():
    make_product(slug="red")

    assert refusal(f"{PRODUCTS}red/?sort=price") == (400, "unknown_field")


@pytest.mark.parametrize("path", [PRODUCTS, f"{PRODUCTS}red/"])
def test_what_has_not_changed_is_not_sent_again_and_what_has_is(path):
    product = make_product(slug="red")
    first = client().get(path)
    assert first["ETag"].startswith('W/"')
    assert first["Cache-Control"] == "public, no-cache"

    again = client().get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])

    stock.count_stock(variant_id=product.variants.get().id, on_hand=0, reason="count", actor_id=None)
    assert client().get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_list_of_24_takes_at_most_3_statements(django_assert_max_num_queries):
    root = CategoryFactory.create(slug="clothes")
    for _ in range(24):
        make_product(category_id=root.id, variants=[VariantDraftFactory.build(), VariantDraftFactory.build()])
    filters = {"category": "clothes", "in_stock": "true", "price_min": "1", "sort": "price"}

    with django_assert_max_num_queries(3, connection=database()):
        assert len(get(PRODUCTS, **filters)["results"]) == 24


def test_a_detail_takes_at_most_4_statements(django_assert_max_num_queries):
    make_product(slug="red", variants=[VariantDraftFactory.build() for _ in range(6)])

    with django_assert_max_num_queries(4, connection=database()):
        assert len(get(f"{PRODUCTS}red/")["variants"]) == 6


def test_a_product_without_picture_or_variants_is_shown_as_that():
    make_product(slug="plain", images=[])
    Product.objects.filter(slug="plain").update(options=[])

    assert get(PRODUCTS)["results"][0]["image"] is None
    assert get(f"{PRODUCTS}plain/")["images"] == []


IMAGE = {"alt": "A teal shirt"} | {
    name: {
        "url": f"https://shop.test/api/v1/catalog/drawings/t-shirt/teal/{size}.svg",
        "width": size,
        "height": size,
    }
    for name, size in (("small", 240), ("medium", 480), ("large", 1080))
}


def client() -> APIClient:
    return APIClient()


def get(path: str, **query: Any) -> Any:
    answer = client().get(path, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def slugs(**query: Any) -> list[str]:
    return [card["slug"] for card in get(PRODUCTS, **query)["results"]]


def refusal(path: str) -> tuple[int, str]:
    answer = client().get(path)
    return answer.status_code, answer.json()["code"]


def database() -> Any:
    return connections[alias_of("catalog")]


def hold(variant: Any, quantity: int) -> None:
    line = StockLine(variant_id=variant.id, quantity=quantity)
    hold_stock(order_id=new_id(), lines=[line], until=datetime(2026, 12, 1, tzinfo=UTC))
