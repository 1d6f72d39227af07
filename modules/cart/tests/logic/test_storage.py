"""Redis stops, comes back empty, or is full."""

import pytest
import redis

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from modules.cart.contracts import CartNotFound, OrderedLine
from modules.cart.logic import carts, closing, snapshots
from modules.cart.tests.factories import put_in


def test_while_redis_is_down_carts_are_503_and_say_when_to_come_again(own_redis, guest, user, shelf):
    shirt = shelf.put()
    cart = f"/api/v1/carts/{guest.post('/api/v1/carts/').json()['id']}/"
    own_redis.stop()

    answers = [
        guest.post("/api/v1/carts/"),
        guest.get(cart),
        guest.post(f"{cart}items/", {"sku": shirt.sku, "quantity": 1}),
        guest.patch(f"{cart}items/{shirt.id}/", {"quantity": 1}),
        guest.delete(f"{cart}items/{shirt.id}/"),
        guest.delete(cart),
        user.get("/api/v1/carts/mine/"),
        user.post(f"{cart}claim/"),
    ]

    assert [answer.status_code for answer in answers] == [503] * 8
    assert {answer["Retry-After"] for answer in answers} == {"2"}
    assert answers[0].json()["code"] == "unavailable"


def test_a_snapshot_of_a_cart_that_cannot_be_reached_is_unavailable(own_redis, cart_service):
    cart_id = carts.open_cart(caller_id=None).basket.id
    own_redis.stop()

    with pytest.raises(Unavailable):
        cart_service.get_snapshot(cart_id=cart_id, caller_id=None)


def test_a_redis_that_comes_back_empty_serves_new_carts(own_redis, shelf):
    shirt, user_id = shelf.put(), new_id()
    lost_id = carts.open_cart(caller_id=user_id).basket.id
    own_redis.stop()
    own_redis.start()

    closing.close_cart(cart_id=lost_id, order_id=new_id(), lines=[OrderedLine(variant_id=shirt.id, quantity=1)])
    with pytest.raises(CartNotFound):
        snapshots.get_snapshot(cart_id=lost_id, caller_id=user_id)
    cart_id = carts.open_cart(caller_id=user_id).basket.id
    put_in(cart_id, user_id, shirt)
    assert cart_id != lost_id
    assert carts.get_own_cart(user_id=user_id).basket.version == 2


def test_a_full_redis_still_shows_carts_but_takes_no_change(own_redis, guest, shelf):
    shirt = shelf.put()
    cart = f"/api/v1/carts/{guest.post('/api/v1/carts/').json()['id']}/"
    guest.post(f"{cart}items/", {"sku": shirt.sku, "quantity": 1})
    redis.Redis.from_url(own_redis.url).config_set("maxmemory", 1)

    refused = guest.post(f"{cart}items/", {"sku": shirt.sku, "quantity": 1})

    assert (refused.status_code, refused["Retry-After"]) == (503, "2")
    assert guest.get(cart)["ETag"] == '"2"'
