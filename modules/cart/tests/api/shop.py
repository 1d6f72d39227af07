"""What every test of the API does first."""

from typing import Any

from rest_framework.test import APIClient

CARTS = "/api/v1/carts/"


def open_cart(client: APIClient, **body: Any) -> str:
    cart_id: str = client.post(CARTS, body).json()["id"]
    return f"{CARTS}{cart_id}/"


def put_in(client: APIClient, cart: str, variant: Any, quantity: int = 1) -> Any:
    return client.post(f"{cart}items/", {"variant_id": str(variant.id), "quantity": quantity})
