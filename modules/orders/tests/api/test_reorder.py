"""Buying the same again."""

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from modules.cart.contracts import LeftOut
from modules.orders.logic.tokens import access_token
from modules.orders.tests.api.after_sale import client_of, staff
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import REFILLED, SHIRT, World

pytestmark = pytest.mark.django_db(transaction=True)

LINES = [{"variant_id": str(SHIRT), "quantity": 2}]


def test_a_customer_buys_the_same_again(shop: World) -> None:
    owner = new_id()
    order = OrderFactory.create(customer_id=owner)

    answer = client_of(id=owner).post(f"/api/v1/orders/{order.pk}/reorder/")

    assert (answer.status_code, answer.json()) == (201, {"cart_id": str(REFILLED), "left_out": []})
    assert shop.asked == [("fill_cart", {"caller_id": str(owner), "currency": "EUR", "lines": LINES})]


def test_what_is_not_for_sale_any_more_is_told(shop: World) -> None:
    order = OrderFactory.create()
    shop.left_out = [LeftOut(variant_id=SHIRT, requested=2, added=1)]

    answer = APIClient().post(f"/api/v1/orders/{order.pk}/reorder/?token={access_token(order.pk, 1)}")

    assert answer.json()["left_out"] == [
        {"variant_id": str(SHIRT), "sku": "SHIRT-M", "title": "Shirt", "requested": 2, "added": 1}
    ]
    assert shop.asked[0][1]["caller_id"] is None


def test_staff_do_not_fill_their_own_cart_with_somebodys_order(shop: World) -> None:
    order = OrderFactory.create(customer_id=new_id())

    assert staff("orders.read").post(f"/api/v1/orders/{order.pk}/reorder/").status_code == 201
    assert shop.asked[0][1]["caller_id"] is None


def test_others_do_not_see_it_and_a_cart_that_is_away_is_named(shop: World) -> None:
    owner = new_id()
    order = OrderFactory.create(customer_id=owner)

    assert client_of(id=new_id()).post(f"/api/v1/orders/{order.pk}/reorder/").status_code == 404
    shop.refuse["fill_cart"] = Unavailable(dependency="cart")
    answer = client_of(id=owner).post(f"/api/v1/orders/{order.pk}/reorder/")
    assert (answer.status_code, answer.json()["dependency"]) == (503, "cart")
