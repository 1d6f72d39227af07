"""What a storefront does for a buyer, through HTTP only."""

import time
from typing import Any, Self
from uuid import uuid4

import httpx2

ADDRESS = {
    "full_name": "Ada Lovelace",
    "line1": "Unter den Linden 1",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}
DEMO_PRODUCT = "demo-t-shirt"
# A process that was killed keeps its lease on an order for a minute (kernel/leases.py); the order waits that long.
PATIENCE_SECONDS = 90.0


class Buyer:
    """A guest, or a customer once signed in."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx2.Client(base_url=f"{base_url}/api/v1", timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **params: Any) -> Any:
        """The answer's body; the status must be 200."""
        response = self.http.get(path, params=params)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text}"
        return response.json()

    def post(self, path: str, body: Any, *, key: str | None = None) -> httpx2.Response:
        """The answer, whatever it is."""
        return self.http.post(path, json=body, headers={"Idempotency-Key": key} if key else {})

    def sign_in(self, email: str, password: str) -> None:
        """Call as that user from now on."""
        response = self.post("/users/token/", {"email": email, "password": password})
        assert response.status_code == 200, response.text
        self.http.headers["Authorization"] = f"Bearer {response.json()['access']}"

    def new_cart(self, quantity: int = 1, slug: str = DEMO_PRODUCT) -> str:
        """A cart with so many of a product's first variant."""
        product = self.get(f"/catalog/products/{slug}/")
        cart = self.post("/carts/", {})
        assert cart.status_code == 201, cart.text
        cart_id: str = cart.json()["id"]
        item = {"variant_id": product["variants"][0]["id"], "quantity": quantity}
        added = self.post(f"/carts/{cart_id}/items/", item)
        assert added.status_code == 200, added.text
        return cart_id

    def check_out(self, cart_id: str, *, key: str | None = None, **changes: Any) -> httpx2.Response:
        """Order a cart; the sandbox pays unless `payment` says otherwise."""
        body = {
            "cart_id": cart_id,
            "email": "ada@example.com",
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "payment": {"provider": "sandbox", "method": "sandbox_ok"},
        }
        return self.post("/checkout/", body | changes, key=key or str(uuid4()))

    def order(self, placed: Any) -> Any:
        """The order of a checkout's answer, as it is now."""
        order = placed["order"]
        return self.get(f"/orders/{order['id']}/", token=order.get("access_token", ""))

    def wait_for(self, placed: Any, **wanted: Any) -> Any:
        """The order, once its fields are as wanted."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            order = self.order(placed)
            if all(order[name] == value for name, value in wanted.items()):
                return order
            assert time.monotonic() < deadline, f"not {wanted}: {order['status']}, {order['payment_status']}"
            time.sleep(0.1)
