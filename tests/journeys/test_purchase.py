"""Somebody buys something: from the catalog to a confirmed order, as a storefront does it."""

from typing import Any
from uuid import uuid4

import pytest

from tests.journeys.buyer import DEMO_PRODUCT, Buyer

pytestmark = pytest.mark.xdist_group("journeys")


def test_a_guest_buys_and_the_order_is_confirmed_by_its_payment(buyer: Buyer) -> None:
    listed = buyer.get("/catalog/products/", limit=5)
    assert len(listed["results"]) == 5
    cart_id = buyer.new_cart(quantity=2)
    cart = buyer.get(f"/carts/{cart_id}/")
    quote = buyer.post(
        "/checkout/quote/",
        {"cart_id": cart_id, "shipping_address": {"country": "DE"}, "shipping_method": "standard"},
    ).json()
    assert quote["subtotal"] == cart["subtotal"]

    placed = buyer.check_out(cart_id, expected_total=quote["total"])

    assert placed.status_code == 201, placed.text
    assert placed.json()["order"]["total"] == quote["total"]
    order = buyer.wait_for(placed.json(), status="confirmed", payment_status="paid")
    assert [entry["event"] for entry in order["timeline"]] == ["placed", "payment_captured", "confirmed"]


def test_the_cart_is_gone_once_its_order_is_confirmed(buyer: Buyer) -> None:
    cart_id = buyer.new_cart()
    buyer.wait_for(buyer.check_out(cart_id).json(), status="confirmed")

    for _ in range(50):
        response = buyer.http.get(f"/carts/{cart_id}/")
        if response.status_code == 404:
            return
    raise AssertionError(response.text)


def test_a_repeated_checkout_is_answered_byte_for_byte(buyer: Buyer) -> None:
    cart_id, key = buyer.new_cart(), str(uuid4())

    first, second = buyer.check_out(cart_id, key=key), buyer.check_out(cart_id, key=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("method", ["sandbox_declined", "sandbox_insufficient_funds"])
def test_a_declined_payment_leaves_an_order_that_can_still_be_paid(buyer: Buyer, method: str) -> None:
    placed = buyer.check_out(buyer.new_cart(), payment={"provider": "sandbox", "method": method})
    assert placed.status_code == 201, placed.text
    buyer.wait_for(placed.json(), status="pending", payment_status="failed")

    token = placed.json()["order"]["access_token"]
    payment = placed.json()["payment"]["id"]
    retried = buyer.post(f"/payments/{payment}/retry/?token={token}", {"method": "sandbox_ok"})

    assert retried.status_code == 200, retried.text
    buyer.wait_for(placed.json(), status="confirmed", payment_status="paid")


def test_a_payment_that_asks_for_3d_secure_is_confirmed_afterwards(buyer: Buyer) -> None:
    placed = buyer.check_out(buyer.new_cart(), payment={"provider": "sandbox", "method": "sandbox_3ds"})
    assert placed.status_code == 201, placed.text
    payment = placed.json()["payment"]
    assert payment["status"] == "requires_action"
    assert payment["next_action"]["type"] == "redirect"

    token = placed.json()["order"]["access_token"]
    for _ in range(2):
        confirmed = buyer.post(f"/payments/{payment['id']}/confirm/?token={token}", {})
        assert confirmed.status_code == 200, confirmed.text

    buyer.wait_for(placed.json(), status="confirmed", payment_status="paid")


def test_a_provider_that_takes_the_money_and_times_out_is_found_again(buyer: Buyer) -> None:
    cart_id, key = buyer.new_cart(), str(uuid4())
    payment = {"provider": "sandbox", "method": "sandbox_timeout"}

    answer = buyer.check_out(cart_id, key=key, payment=payment)
    for _ in range(100):
        if answer.status_code == 201:
            break
        assert answer.status_code in (409, 503), answer.text
        answer = buyer.check_out(cart_id, key=key, payment=payment)

    buyer.wait_for(answer.json(), status="confirmed", payment_status="paid")


def test_a_cancelled_order_gives_the_money_and_the_stock_back(buyer: Buyer) -> None:
    placed = buyer.check_out(buyer.new_cart()).json()
    order = buyer.wait_for(placed, status="confirmed")
    token = placed["order"]["access_token"]

    answer = buyer.post(f"/orders/{order['id']}/cancel/?token={token}", {"reason": "too big"})

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    refunded = buyer.wait_for(placed, status="cancelled", payment_status="refunded")
    assert refunded["refunded_total"] == refunded["total"]


def test_a_customer_signs_in_buys_and_finds_the_order_again(buyer: Buyer) -> None:
    email, password = f"{uuid4().hex}@example.com", "a long enough pass phrase"
    assert buyer.post("/users/register/", {"email": email, "password": password}).status_code == 201
    buyer.sign_in(email, password)
    assert buyer.get("/users/me/")["email"] == email

    placed = buyer.check_out(buyer.new_cart(), email=email).json()
    assert "access_token" not in placed["order"]
    buyer.wait_for(placed, status="confirmed")

    assert [order["id"] for order in buyer.get("/orders/")["results"]] == [placed["order"]["id"]]


def test_nobody_else_sees_the_order(buyer: Buyer, base_url: str) -> None:
    placed = buyer.check_out(buyer.new_cart()).json()

    with Buyer(base_url) as stranger:
        for path in (f"/orders/{placed['order']['id']}/", f"/payments/{placed['payment']['id']}/"):
            assert stranger.http.get(path).status_code == 404


def test_the_same_product_has_a_price_in_each_currency(buyer: Buyer) -> None:
    prices: dict[str, Any] = {}
    for currency in ("EUR", "USD", "JPY"):
        product = buyer.get(f"/catalog/products/{DEMO_PRODUCT}/", currency=currency)
        prices[currency] = product["variants"][0]["price"]

    assert {price["currency"] for price in prices.values()} == {"EUR", "USD", "JPY"}
    assert "." not in prices["JPY"]["amount"]
