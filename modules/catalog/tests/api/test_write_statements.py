"""What writing and reading a product costs, however many variants it has."""

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel.db import alias_of
from modules.catalog.models import Product
from modules.catalog.tests.api.staff import PRODUCTS, VARIANTS, send
from modules.catalog.tests.factories import CategoryFactory, VariantDraftFactory, make_product

pytestmark = pytest.mark.django_db

NO_STATEMENTS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")


@pytest.mark.parametrize("number", [1, 8])
def test_a_product_is_made_by_26_statements_and_those_of_its_prices(number):
    shelf = CategoryFactory.create()
    send("POST", PRODUCTS, body(shelf, "first", 1))

    sql = statements("POST", PRODUCTS, body(shelf, "shirt", number))

    assert len([one for one in sql if "INTO catalog_price " not in one]) == 26


@pytest.mark.parametrize("number", [1, 8])
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 5),
        ({"title": "New"}, 17),
        ({"slug": "new"}, 18),
        (
            {"title": "New", "description": "New.", "attributes": {"a": 1}, "seo": {"title": "New"}, "status": "draft"},
            18,
        ),
    ],
)
def test_a_product_is_changed_by_a_fixed_number_of_statements(number, change, expected):
    product = shirts(number)

    assert len(statements("PATCH", f"{PRODUCTS}{product.id}/", change)) == expected


@pytest.mark.parametrize("number", [2, 8])
def test_a_variant_is_added_changed_and_removed_by_a_fixed_number_of_statements(number):
    product = shirts(number)
    path = f"{VARIANTS}{product.variants.order_by('position')[0].id}/"
    new = {"sku": "X", "options": {"Size": "X"}, "prices": [{"amount": "1.00", "currency": "EUR"}], "on_hand": 2}

    assert len(statements("POST", f"{PRODUCTS}{product.id}/variants/", new)) == 23
    assert len(statements("PATCH", path, {"sku": "N", "prices": [{"amount": "1.00", "currency": "EUR"}]})) == 20
    assert len(statements("DELETE", path)) == 28


@pytest.mark.parametrize("number", [1, 8])
def test_a_product_is_deleted_by_a_fixed_number_of_statements(number):
    assert len(statements("DELETE", f"{PRODUCTS}{shirts(number).id}/")) == 31


@pytest.mark.parametrize("number", [1, 8])
def test_the_full_product_is_read_by_4_statements(number):
    assert len(statements("GET", f"{PRODUCTS}{shirts(number).slug}/")) == 4


def test_an_old_address_is_followed_by_2_statements():
    send("PATCH", f"{PRODUCTS}{shirts(1).id}/", {"slug": "new"})

    assert len(statements("GET", f"{PRODUCTS}shirt/", principal=None)) == 2


def shirts(number: int) -> Product:
    return make_product(slug="shirt", variants=[VariantDraftFactory.build() for _ in range(number)])


def body(shelf: Any, slug: str, number: int) -> dict[str, Any]:
    return {
        "title": slug,
        "category_id": str(shelf.id),
        "status": "published",
        "options": ["Size"],
        "variants": [
            {
                "sku": f"{slug}-{place}",
                "options": {"Size": str(place)},
                "prices": [{"amount": "5.00", "currency": currency} for currency in ("EUR", "USD")],
                "on_hand": 3,
            }
            for place in range(number)
        ],
    }


def statements(method: str, path: str, body: Any = None, **caller: Any) -> list[str]:
    with CaptureQueriesContext(connections[alias_of("catalog")]) as captured:
        answer = send(method, path, body, **caller)
    assert answer.status_code in (200, 201, 204, 301), answer.content
    return [query["sql"] for query in captured if not query["sql"].startswith(NO_STATEMENTS)]
