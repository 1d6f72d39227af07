"""A whole shop in this process, its customers, and its relay by hand."""

from typing import Any
from uuid import UUID, uuid4

import httpx2
from django.core.wsgi import get_wsgi_application
from rest_framework.test import APIClient

from ecommerce.kernel.testing import relay_until_quiet
from tests.journeys.buyer import ADDRESS, DEMO_PRODUCT

PASSWORD = "a long enough pass phrase"


class Customer:
    """Somebody who shops over HTTP: a guest until he has registered."""

    def __init__(self, email: str, name: str) -> None:
        self.email, self.name, self.api = email, name, APIClient()
        self.id: UUID | None = None

    def register(self) -> "Customer":
        """Open an account and sign in to it."""
        first, last = self.name.split()
        body = {"email": self.email, "password": PASSWORD, "first_name": first, "last_name": last}
        self.id = UUID(self._post("/users/register/", body)["id"])
        pair = self._post("/users/token/", {"email": self.email, "password": PASSWORD})
        self.api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
        return self

    def fill_cart(self, quantity: int = 1) -> str:
        """So many of the demonstration shop's shirt in the cart."""
        product = self.get(f"/catalog/products/{DEMO_PRODUCT}/")
        cart_id: str = self._post("/carts/", {})["id"]
        item = {"variant_id": product["variants"][0]["id"], "quantity": quantity}
        self._post(f"/carts/{cart_id}/items/", item)
        return cart_id

    def buy(self, note: str = "") -> dict[str, Any]:
        """An order that is paid and confirmed; what the checkout answered."""
        body = {
            "cart_id": self.fill_cart(),
            "email": self.email,
            "shipping_address": ADDRESS | {"full_name": self.name},
            "shipping_method": "standard",
            "payment": {"provider": "sandbox", "method": "sandbox_ok"},
            "note": note,
        }
        placed: dict[str, Any] = self._post("/checkout/", body, headers={"Idempotency-Key": str(uuid4())})
        come_to_rest()
        return placed

    def get(self, path: str) -> Any:
        answer = self.api.get(f"/api/v1{path}")
        assert answer.status_code == 200, f"{path}: {answer.content!r}"
        return answer.json()

    def _post(self, path: str, body: Any, **extra: Any) -> Any:
        answer = self.api.post(f"/api/v1{path}", body, **extra)
        assert answer.status_code < 300, f"{path}: {answer.content!r}"
        return answer.json()


def come_to_rest() -> None:
    """Let the provider say that it was paid, and the relay hand everything over."""
    from modules.payments.logic.providers import sandbox_webhooks  # only where payments is installed

    relay_until_quiet()
    sandbox_webhooks.deliver_due(httpx2.WSGITransport(app=get_wsgi_application()))
    relay_until_quiet()
