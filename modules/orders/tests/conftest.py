"""A shop that ships to Germany, with everything that orders asks standing in."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from modules.orders.logic import seeding
from modules.orders.tests.world import World, other_modules


@pytest.fixture
def world() -> Iterator[World]:
    with other_modules() as world:
        yield world


@pytest.fixture
def shop(transactional_db: None, world: World) -> World:
    seeding.seed(0, 1, lambda *_: None)
    return world


@pytest.fixture
def api() -> APIClient:
    return APIClient()


@pytest.fixture
def check_out(shop: World, api: APIClient) -> Any:
    """Post a checkout for a cart; `key` is the Idempotency-Key, the rest replaces fields of the body."""

    def post(cart_id: UUID, *, key: str = "key-1", **changes: Any) -> Any:
        body = checkout_body(cart_id) | changes
        return api.post("/api/v1/checkout/", body, headers={"Idempotency-Key": key})

    return post


def checkout_body(cart_id: UUID) -> dict[str, Any]:
    """A guest in Berlin who pays with the sandbox."""
    return {
        "cart_id": str(cart_id),
        "email": "ada@example.com",
        "shipping_address": {
            "full_name": "Ada Lovelace",
            "line1": "Unter den Linden 1",
            "city": "Berlin",
            "postal_code": "10117",
            "country": "DE",
        },
        "shipping_method": "standard",
        "payment": {"provider": "sandbox", "method": "sandbox_ok"},
    }
