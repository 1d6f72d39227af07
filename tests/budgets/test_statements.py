"""How many statements a request may cost, in all modules together: counts, never times."""

import re
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from ecommerce.kernel.testing import statements
from tests.journeys.buyer import ADDRESS, DEMO_PRODUCT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="a purchase needs every module"),
]

WRITES = re.compile(r"^\s*(?:WITH .*)?(INSERT|UPDATE|DELETE)", re.IGNORECASE | re.DOTALL)


def variant(api: APIClient) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/api/v1/catalog/products/{DEMO_PRODUCT}/").json()["variants"][0]
    return found


def test_a_list_of_24_products_costs_at_most_3_statements(api: APIClient) -> None:
    with statements() as sql:
        assert len(api.get("/api/v1/catalog/products/").json()["results"]) == 24

    assert len(sql) <= 3, "\n".join(sql)


def test_a_product_costs_at_most_4_statements(api: APIClient) -> None:
    with statements() as sql:
        assert api.get(f"/api/v1/catalog/products/{DEMO_PRODUCT}/").status_code == 200

    assert len(sql) <= 4, "\n".join(sql)


def test_adding_to_a_cart_writes_nothing_to_postgresql(api: APIClient) -> None:
    item = {"variant_id": variant(api)["id"], "quantity": 1}
    cart_id = api.post("/api/v1/carts/", {}).json()["id"]

    with statements() as sql:
        assert api.post(f"/api/v1/carts/{cart_id}/items/", item).status_code == 200

    assert [one for one in sql if WRITES.match(one)] == []


def test_a_checkout_costs_at_most_25_statements_in_all_modules_together(api: APIClient) -> None:
    cart_id = api.post("/api/v1/carts/", {}).json()["id"]
    api.post(f"/api/v1/carts/{cart_id}/items/", {"variant_id": variant(api)["id"], "quantity": 2})
    body = {
        "cart_id": cart_id,
        "email": "ada@example.com",
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "payment": {"provider": "sandbox", "method": "sandbox_ok"},
    }

    with statements() as sql:
        answer = api.post("/api/v1/checkout/", body, headers={"Idempotency-Key": "budget"})

    assert answer.status_code == 201, answer.content
    assert len(sql) <= 25, f"{len(sql)}\n" + "\n".join(sql)
