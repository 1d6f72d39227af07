"""A caller of the fake by plain httpx2, without any code of the shop."""

from typing import Any

import httpx2

from tests.fakes.paypal import PayPalServer


class Caller:
    """A REST app with its token."""

    def __init__(self, paypal: PayPalServer) -> None:
        self.http = httpx2.Client(base_url=paypal.base_url, timeout=5)
        self.account = paypal.books.account
        self.sign_in()

    def sign_in(self) -> None:
        answer = self.http.post(
            "/v1/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(self.account.client_id, self.account.client_secret),
        )
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str, **query: str) -> httpx2.Response:
        return self.http.get(path, params=query)

    def post(self, path: str, body: dict[str, Any] | None = None, *, key: str = "") -> httpx2.Response:
        headers = {"Prefer": "return=representation"} | ({"PayPal-Request-Id": key} if key else {})
        return self.http.post(path, json=body or {}, headers=headers)

    def create(
        self, value: str = "10.00", currency: str = "EUR", *, intent: str = "CAPTURE", key: str = "", **unit: str
    ) -> httpx2.Response:
        body = {
            "intent": intent,
            "purchase_units": [{"amount": {"value": value, "currency_code": currency}, **unit}],
            "payment_source": {
                "paypal": {"experience_context": {"return_url": "https://shop/back", "cancel_url": "https://shop/no"}}
            },
        }
        return self.post("/v2/checkout/orders", body, key=key)

    def paid(self, paypal: PayPalServer, value: str = "10.00", **how: str) -> dict[str, Any]:
        """The capture of an order that is approved and paid."""
        order_id = self.create(value, **how).json()["id"]
        paypal.buyer.approve(order_id)
        order = self.post(f"/v2/checkout/orders/{order_id}/capture").json()
        return dict(order["purchase_units"][0]["payments"]["captures"][0])


def issue(answer: httpx2.Response) -> str:
    """What PayPal says is wrong."""
    return str(answer.json()["details"][0]["issue"])
