"""Many hands in one cart."""

from functools import partial

import pytest
from django_redis import get_redis_connection

from ecommerce.kernel.ids import new_id
from modules.cart.contracts import OrderedLine
from modules.cart.logic import carts, closing, items, storage
from modules.cart.tests.at_once import all_at_once
from modules.cart.tests.factories import put_in, quantities
from modules.catalog.contracts import OutOfStock


def test_16_parallel_adds_of_one_variant_lose_nothing(shelf):
    shirt = shelf.put(available=100)
    cart_id = carts.open_cart(caller_id=None).basket.id

    outcomes = all_at_once(*[partial(put_in, cart_id, None, shirt)] * 16)

    cart = carts.get_cart(cart_id=cart_id, caller_id=None)
    assert (quantities(cart), cart.basket.version) == ({shirt.id: 16}, 17)
    assert sorted(outcome.basket.version for outcome in outcomes) == list(range(2, 18))


def test_16_parallel_adds_of_16_variants_lose_nothing(shelf):
    variants = [shelf.put() for _ in range(16)]
    cart_id = carts.open_cart(caller_id=None).basket.id

    all_at_once(*[partial(put_in, cart_id, None, variant) for variant in variants])

    cart = carts.get_cart(cart_id=cart_id, caller_id=None)
    assert quantities(cart) == {variant.id: 1 for variant in variants}


def test_parallel_adds_take_no_more_than_there_is(shelf):
    shirt = shelf.put(available=5)
    cart_id = carts.open_cart(caller_id=None).basket.id

    outcomes = all_at_once(*[partial(put_in, cart_id, None, shirt)] * 16)

    assert sum(isinstance(outcome, OutOfStock) for outcome in outcomes) == 11
    assert quantities(carts.get_cart(cart_id=cart_id, caller_id=None)) == {shirt.id: 5}


def test_a_user_who_opens_16_carts_at_once_has_one():
    user_id = new_id()

    outcomes = all_at_once(*[partial(carts.open_cart, caller_id=user_id)] * 16)

    assert len({outcome.basket.id for outcome in outcomes}) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_added_while_an_order_closes_the_cart_is_kept(shelf):
    shirt, user_id = shelf.put(available=999), new_id()
    cart_id = carts.open_cart(caller_id=user_id).basket.id
    put_in(cart_id, user_id, shirt, 3)
    close = partial(
        closing.close_cart,
        cart_id=cart_id,
        order_id=new_id(),
        lines=[OrderedLine(variant_id=shirt.id, quantity=3)],
    )

    outcomes = all_at_once(*[partial(put_in, cart_id, user_id, shirt)] * 6, close, close)

    added = sum(not isinstance(outcome, Exception) for outcome in outcomes[:6])
    left = storage.find_basket_of(user_id)
    assert (left.lines[0].quantity if left else 0) == added


def test_each_change_renews_the_30_days_of_the_cart_and_of_its_owner(shelf):
    shirt, user_id, redis = shelf.put(), new_id(), get_redis_connection("default")
    cart_id = carts.open_cart(caller_id=user_id).basket.id
    keys = [f"{storage.CARTS}{cart_id}", f"{storage.OWNERS}{user_id}"]
    put_in(cart_id, user_id, shirt)
    line = {"basket": carts.get_basket(cart_id=cart_id, caller_id=user_id), "variant_id": shirt.id}

    for change in (
        partial(put_in, cart_id, user_id, shirt),
        partial(items.set_quantity, quantity=3, **line),
        partial(items.remove_item, **line),
    ):
        for key in keys:
            redis.expire(key, 100)
        change()
        assert [redis.ttl(key) > 30 * 86400 - 60 for key in keys] == [True, True]


def test_reading_does_not_renew_them(shelf):
    redis, cart = get_redis_connection("default"), carts.open_cart(caller_id=None)
    key = f"{storage.CARTS}{cart.basket.id}"
    redis.expire(key, 100)

    assert carts.get_cart(cart_id=cart.basket.id, caller_id=None).basket.expires_at == cart.basket.expires_at
    assert redis.ttl(key) <= 100
