"""The OpenAPI document of the tiny shop."""

import re

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from ecommerce.kernel.tests.rest import shop


@pytest.fixture(scope="module")
def document():
    GENERATOR_STATS.reset()
    made = SchemaGenerator(urlconf=shop.__name__).get_schema(request=None, public=True)
    assert not GENERATOR_STATS, "warnings while the document was made"
    return made


def operation(document, path: str, method: str = "post"):
    return document["paths"][f"/api/v1/{path}"][method]


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    validate_schema(document)


def test_operation_ids_are_short_and_unique(document):
    ids = {
        (path, method): operation["operationId"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert ids["/api/v1/orders/events/", "get"] == "orders_events_list"
    assert ids["/api/v1/catalog/products/", "post"] == "products_create"
    assert ids["/api/v1/carts/things/", "patch"] == "things_rename"
    assert ids["/api/v1/carts/things/", "get"] == "carts_things_retrieve"
    assert ids["/api/v1/checkout/", "post"] == "checkout_create"
    assert len(set(ids.values())) == len(ids)


def test_the_tag_is_the_module(document):
    assert operation(document, "carts/things/", "get")["tags"] == ["cart"]
    assert operation(document, "checkout/")["tags"] == ["orders"]
    assert operation(document, "catalog/products/")["tags"] == ["catalog"]


def test_each_operation_names_the_problems_it_may_answer_with(document):
    statuses = set(operation(document, "checkout/")["responses"])
    assert statuses == {"201", "400", "401", "406", "409", "413", "415", "422", "429", "503"}
    assert set(operation(document, "catalog/products/")["responses"]) >= {"400", "401", "403", "503"}
    assert "412" in operation(document, "carts/things/", "patch")["responses"]
    cancel = operation(document, "orders/{order_id}/cancel/")["responses"]
    content = cancel["404"]["content"]
    assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert set(document["components"]["schemas"]["Problem"]["required"]) >= {"type", "title", "status", "code"}


def test_operations_with_a_body_say_that_it_may_be_too_large_or_of_another_type(document):
    assert set(operation(document, "orders/baskets/")["responses"]) >= {"413", "415"}
    assert not set(operation(document, "carts/things/", "get")["responses"]) & {"413", "415"}


def test_what_hides_from_who_may_not_see_it_asks_for_no_login_and_never_forbids(document):
    seen = operation(document, "payments/{payment_id}/", "get")
    assert seen["security"] == [{"bearer": []}, {}]
    assert set(seen["responses"]) == {"200", "400", "401", "404", "406", "429", "503"}
    assert operation(document, "users/me/")["security"] == [{"bearer": []}]


def test_conditional_requests_are_described(document):
    read, change = operation(document, "carts/things/", "get"), operation(document, "carts/things/", "patch")
    assert [parameter["name"] for parameter in read["parameters"]] == ["If-None-Match"]
    assert [parameter["name"] for parameter in change["parameters"]] == ["If-Match"]
    assert "304" in read["responses"]
    assert "304" not in change["responses"]


def test_idempotent_operations_take_their_header(document):
    header = operation(document, "checkout/")["parameters"][0]
    assert (header["name"], header["in"], header["required"]) == ("Idempotency-Key", "header", True)
    optional = [p for p in operation(document, "orders/{order_id}/cancel/")["parameters"] if p["in"] == "header"]
    assert optional[0].get("required", False) is False
    [unless_dry] = operation(document, "orders/drafts/")["parameters"]
    assert unless_dry.get("required", False) is False
    assert unless_dry["description"].endswith("Required, except with `dry_run=true`, which takes none.")


def test_money_is_one_component(document):
    schemas = document["components"]["schemas"]
    assert schemas["BasketRequest"]["properties"]["price"] == {"$ref": "#/components/schemas/Money"}
    assert schemas["Money"]["required"] == ["amount", "currency"]
    assert schemas["BasketRequest"]["properties"]["wanted_at"]["format"] == "date-time"
    assert "id" not in schemas["BasketRequest"]["properties"]


def test_pages_and_bearer_tokens_are_described(document):
    page = document["components"]["schemas"]["EventPage"]["properties"]
    assert list(page) == ["results", "next", "previous"]
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }


def test_the_document_and_its_page_are_served_from_here(client):
    assert yaml.safe_load(client.get("/api/schema/").content)["info"]["title"] == "Shop API"
    page = client.get("/api/docs/")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert len(loaded) >= 3
    assert all(address.startswith("/static/drf_spectacular_sidecar/") for address in loaded)


def test_a_delete_that_reads_a_body_documents_it(document):
    deleting = operation(document, "carts/things/", "delete")
    assert deleting["requestBody"] == {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PayRequest"}}},
        "required": True,
    }
    assert {"204", "413", "415"} <= set(deleting["responses"])
    assert deleting["operationId"] == "carts_things_delete"


def test_bodies_take_no_unknown_field_and_answers_may_gain_some(document):
    schemas = document["components"]["schemas"]
    assert schemas["BasketRequest"]["additionalProperties"] is False
    assert schemas["ItemRequest"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Basket"]
    assert "additionalProperties" not in schemas["EventPage"]


def test_whatever_the_operation_an_unreadable_request_is_described(document):
    for methods in document["paths"].values():
        for described in methods.values():
            assert {"400", "406"} <= set(described["responses"])
