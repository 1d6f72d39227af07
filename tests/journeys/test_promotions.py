"""Something is offered, bought at its price, and counted: from the staff who write it to the order."""

from typing import Any
from uuid import uuid4

import pytest

from tests.journeys.buyer import Buyer

pytestmark = pytest.mark.xdist_group("journeys")


def offer(staff: Buyer, **values: Any) -> Any:
    """A promotion with a code of its own."""
    code = f"T{uuid4().hex[:12].upper()}"
    made = staff.post("/carts/promotions/", {"title": f"Offer {code}", "code": code} | values)
    assert made.status_code == 201, made.text
    return made.json()


def used(staff: Buyer, promotion: Any) -> int:
    """How many orders use it now."""
    listed = staff.get("/carts/promotions/", limit=100)["results"]
    return int(next(one["used"] for one in listed if one["id"] == promotion["id"]))


def enter(buyer: Buyer, cart_id: str, promotion: Any) -> Any:
    return buyer.post(f"/carts/{cart_id}/coupons/", {"code": promotion["code"].lower()})


def test_a_coupon_is_taken_off_from_the_cart_to_the_paid_order(buyer: Buyer, staff: Buyer) -> None:
    tenth = offer(staff, kind="percentage", value="10")
    cart_id = buyer.new_cart(quantity=2)
    before = buyer.get(f"/carts/{cart_id}/")
    cart = enter(buyer, cart_id, tenth).json()
    body = {"cart_id": cart_id, "shipping_address": {"country": "DE"}, "shipping_method": "standard"}
    quote = buyer.post("/checkout/quote/?explain=true", body).json()

    off = round(float(before["subtotal"]["amount"]) / 10, 2)
    assert cart["discounts"] == [{"code": tenth["code"], "title": tenth["title"], "amount": cart["discount_total"]}]
    assert float(cart["discount_total"]["amount"]) == off
    assert (quote["discounts"], quote["discount_total"]) == (cart["discounts"], cart["discount_total"])
    [line, shipping] = quote["explanation"]
    assert {part["origin"] for part in line["parts"]} >= {"price", "promotion"}
    assert shipping["variant_id"] is None

    placed = buyer.check_out(cart_id, expected_total=quote["total"])
    assert placed.status_code == 201, placed.text
    order = buyer.wait_for(placed.json(), status="confirmed", payment_status="paid")

    assert (order["discounts"], order["discount_total"]) == (quote["discounts"], quote["discount_total"])
    assert sum(float(line["discount"]["amount"]) for line in order["lines"]) == off
    assert order["total"] == quote["total"]
    assert used(staff, tenth) == 1


def test_free_shipping_lowers_the_shipping_and_is_no_discount(buyer: Buyer, staff: Buyer) -> None:
    free = offer(staff, kind="free_shipping")
    cart_id = buyer.new_cart()
    body = {"cart_id": cart_id, "shipping_address": {"country": "DE"}, "shipping_method": "express"}
    dear = buyer.post("/checkout/quote/", body).json()
    enter(buyer, cart_id, free)

    quote = buyer.post("/checkout/quote/", body).json()
    order = buyer.wait_for(buyer.check_out(cart_id, shipping_method="express").json(), status="confirmed")

    assert float(dear["shipping_total"]["amount"]) > 0
    for told in (quote, order):
        assert float(told["shipping_total"]["amount"]) == float(told["discount_total"]["amount"]) == 0
        assert [one["title"] for one in told["discounts"]] == [free["title"]]
        assert told["total"] == told["subtotal"]


def test_what_one_may_use_once_is_used_once_and_again_after_a_cancellation(buyer: Buyer, staff: Buyer) -> None:
    once = offer(staff, kind="percentage", value="50", usage_limit_per_customer=1)
    email = f"{uuid4().hex}@example.com"

    def order_with_it() -> Any:
        cart_id = buyer.new_cart()
        assert enter(buyer, cart_id, once).status_code == 200
        return buyer.check_out(cart_id, email=email)

    placed = order_with_it().json()
    buyer.wait_for(placed, status="confirmed")
    # A guest is known by his address, and that only at checkout.
    refused = order_with_it()
    assert (refused.status_code, refused.json()["code"]) == (409, "coupon_exhausted")
    assert used(staff, once) == 1

    token = placed["order"]["access_token"]
    buyer.post(f"/orders/{placed['order']['id']}/cancel/?token={token}", {})
    buyer.wait_for(placed, status="cancelled", payment_status="refunded")
    for _ in range(100):
        if used(staff, once) == 0:
            break
    buyer.wait_for(order_with_it().json(), status="confirmed")
    assert used(staff, once) == 1


def test_a_total_of_nothing_needs_no_payment(buyer: Buyer, staff: Buyer) -> None:
    gift, free = offer(staff, kind="percentage", value="100"), offer(staff, kind="free_shipping")
    cart_id = buyer.new_cart()
    enter(buyer, cart_id, gift)
    enter(buyer, cart_id, free)

    placed = buyer.check_out(cart_id)

    assert placed.status_code == 201, placed.text
    assert placed.json()["payment"] is None
    order = buyer.wait_for(placed.json(), status="confirmed")
    assert float(order["total"]["amount"]) == 0
