"""Redis loses everything; users' carts come back, and nothing that was ordered does."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import redis

from ecommerce.kernel import clock
from ecommerce.kernel.errors import PreconditionFailed, Unavailable
from ecommerce.kernel.ids import new_id
from modules.cart.contracts import CartNotFound, OrderedLine
from modules.cart.logic import carts, claims, closing, items, safekeeping, snapshots, storage
from modules.cart.models import SavedCart
from modules.cart.tests.at_once import all_at_once
from modules.cart.tests.factories import coupon, fill_cart, put_code, put_in, quantities


def lose_everything(own_redis):
    redis.Redis.from_url(own_redis.url).flushall()


def saved_of(user_id):
    """What is written of a user's cart: other tests' threads leave rows of their own."""
    return SavedCart.objects.filter(owner_id=user_id)


def test_a_users_cart_comes_back_as_it_was_when_redis_was_emptied(own_redis, user_id, shelf):
    shirt, hat = shelf.put(), shelf.put()
    coupon("TENTH")
    cart_id = fill_cart(user_id, (hat, 2), (shirt, 1))
    put_code(cart_id, user_id, "TENTH")
    before = storage.find_basket(cart_id)

    assert safekeeping.save_due() == 1
    lose_everything(own_redis)
    after = carts.get_own_cart(user_id=user_id)

    assert after.basket.version == before.version + safekeeping.LEAP
    assert (after.basket.id, after.basket.lines, after.basket.codes) == (before.id, before.lines, before.codes)
    assert after.basket.changed_at == before.changed_at
    assert quantities(put_in(cart_id, user_id, shirt)) == {hat.id: 2, shirt.id: 2}


@pytest.mark.parametrize("way", ["its id", "mine", "opening", "checkout", "claiming"])
def test_whatever_is_asked_first_puts_it_back(own_redis, user_id, shelf, way):
    cart_id = fill_cart(user_id, (shelf.put(), 3))
    safekeeping.save_due()
    lose_everything(own_redis)
    guest_id = fill_cart(None)
    ask: dict[str, Any] = {
        "its id": partial(carts.get_cart, cart_id=cart_id, caller_id=user_id),
        "mine": partial(carts.get_own_cart, user_id=user_id),
        "opening": partial(carts.open_cart, caller_id=user_id),
        "checkout": partial(snapshots.get_snapshot, cart_id=cart_id, caller_id=user_id),
        "claiming": partial(claims.claim_cart, cart_id=guest_id, user_id=user_id),
    }

    ask[way]()

    assert [line.quantity for line in storage.find_basket(cart_id).lines] == [3]


def test_over_http_it_is_there_again_and_its_old_version_serves_no_more(own_redis, user, guest, shelf):
    shirt = shelf.put()
    cart = f"/api/v1/carts/{user.post('/api/v1/carts/').json()['id']}/"
    guests = f"/api/v1/carts/{guest.post('/api/v1/carts/').json()['id']}/"
    user.post(f"{cart}items/", {"sku": shirt.sku, "quantity": 1})
    guest.post(f"{guests}items/", {"sku": shirt.sku, "quantity": 1})
    safekeeping.save_due()
    own_redis.stop()
    down = [user.get("/api/v1/carts/mine/").status_code, guest.get(guests).status_code]
    own_redis.start()

    assert down == [503, 503]
    assert guest.get(cart).status_code == guest.get(guests).status_code == 404
    stale = user.patch(f"{cart}items/{shirt.id}/", {"quantity": 2}, headers={"If-Match": '"2"'})
    assert (stale.status_code, stale.json()["version"]) == (412, 2 + safekeeping.LEAP)
    assert [line["quantity"] for line in user.get("/api/v1/carts/mine/").json()["items"]] == [1]


def test_nobody_else_gets_it(own_redis, user_id, shelf):
    cart_id = fill_cart(user_id, (shelf.put(), 3))
    safekeeping.save_due()
    lose_everything(own_redis)

    for caller_id in (None, new_id()):
        with pytest.raises(CartNotFound):
            carts.get_cart(cart_id=cart_id, caller_id=caller_id)
    assert storage.find_basket_of(user_id) is None


def test_a_guests_cart_is_not_written_anywhere(own_redis, shelf):
    fill_cart(None, (shelf.put(), 3))

    before = SavedCart.objects.count()
    assert safekeeping.save_due() == 0
    assert SavedCart.objects.count() == before


def test_what_was_changed_while_it_was_written_is_written_the_next_time(own_redis, user_id, shelf, monkeypatch):
    shirt = shelf.put()
    basket = storage.find_basket(fill_cart(user_id, (shirt, 1)))
    write = safekeeping._write

    def write_slowly(owner_ids):
        count = write(owner_ids)
        storage.set_line(basket, replace(basket.lines[0], quantity=2), versions=None)
        return count

    with monkeypatch.context() as slowly:
        slowly.setattr(safekeeping, "_write", write_slowly)
        safekeeping.save_due()

    assert safekeeping.save_due() == 1
    assert safekeeping.save_due() == 0
    assert saved_of(user_id).get().basket["lines"][0]["quantity"] == 2


def test_a_thousand_changes_of_450_carts_are_three_writes(own_redis, shelf, django_assert_num_queries):
    shirt = shelf.put(available=999)
    users = [new_id() for _ in range(450)]
    for user_id in users:
        fill_cart(user_id, (shirt, 1))

    # Each a transaction of its own, in which users are locked and carts written.
    with django_assert_num_queries(3 * 4):
        assert safekeeping.save_due() == 450
    assert SavedCart.objects.filter(owner_id__in=users).count() == 450


@pytest.mark.parametrize("is_saved", [True, False])
def test_what_was_ordered_does_not_come_back(own_redis, user_id, shelf, is_saved):
    shirt = shelf.put()
    cart_id = fill_cart(user_id, (shirt, 1))
    if is_saved:
        safekeeping.save_due()

    closing.close_cart(cart_id=cart_id, order_id=new_id(), lines=[OrderedLine(variant_id=shirt.id, quantity=1)])
    safekeeping.save_due()
    lose_everything(own_redis)

    with pytest.raises(CartNotFound):
        carts.get_own_cart(user_id=user_id)
    with pytest.raises(CartNotFound):
        carts.get_cart(cart_id=cart_id, caller_id=user_id)
    assert saved_of(user_id).count() == 0


def test_an_order_that_is_paid_for_after_the_loss_takes_its_lines_out_of_what_was_saved(own_redis, user_id, shelf):
    shirt, hat = shelf.put(), shelf.put()
    cart_id = fill_cart(user_id, (shirt, 2), (hat, 1))
    safekeeping.save_due()
    lose_everything(own_redis)

    for _ in range(2):
        closing.close_cart(cart_id=cart_id, order_id=new_id(), lines=[OrderedLine(variant_id=shirt.id, quantity=2)])

    assert quantities(carts.get_own_cart(user_id=user_id)) == {hat.id: 1}
    with pytest.raises(CartNotFound):
        carts.get_cart(cart_id=cart_id, caller_id=user_id)


def test_a_closing_that_died_before_it_was_written_is_made_good_when_it_is_repeated(own_redis, user_id, shelf):
    shirt = shelf.put()
    cart_id = fill_cart(user_id, (shirt, 1))
    safekeeping.save_due()
    ordered = [OrderedLine(variant_id=shirt.id, quantity=1)]
    # What a process leaves that is killed between Redis and the commit.
    storage.close_basket(storage.find_basket(cart_id), successor_id=new_id(), lines=ordered)

    closing.close_cart(cart_id=cart_id, order_id=new_id(), lines=ordered)

    assert saved_of(user_id).count() == 0
    assert storage.find_basket_of(user_id) is None


def test_a_discarded_cart_does_not_come_back_and_a_stale_version_discards_nothing(own_redis, user_id, shelf):
    cart_id = fill_cart(user_id, (shelf.put(), 1))
    safekeeping.save_due()
    with pytest.raises(PreconditionFailed):
        carts.discard_cart(basket=storage.find_basket(cart_id), versions=frozenset({1}))
    assert saved_of(user_id).count() == 1

    carts.discard_cart(basket=storage.find_basket(cart_id))
    safekeeping.save_due()
    lose_everything(own_redis)

    with pytest.raises(CartNotFound):
        carts.get_own_cart(user_id=user_id)


def test_a_cart_of_more_than_30_days_does_not_come_back_and_its_row_goes(own_redis, user_id, shelf, monkeypatch):
    fill_cart(user_id, (shelf.put(), 1))
    safekeeping.save_due()
    lose_everything(own_redis)
    later = clock.now() + timedelta(days=30)
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises(CartNotFound):
        carts.get_own_cart(user_id=user_id)
    assert safekeeping.forget_expired() == 1


def test_what_comes_back_lives_only_as_long_as_it_would_have(own_redis, user_id, shelf, monkeypatch):
    cart_id = fill_cart(user_id, (shelf.put(), 1))
    safekeeping.save_due()
    lose_everything(own_redis)
    later = clock.now() + timedelta(days=29)
    monkeypatch.setattr(clock, "now", lambda: later)

    carts.get_own_cart(user_id=user_id)

    assert 86300 < redis.Redis.from_url(own_redis.url).ttl(f"{storage.CARTS}{cart_id}") <= 86400


def test_while_redis_is_down_nothing_is_written_and_nothing_lost(own_redis, user_id, shelf):
    fill_cart(user_id, (shelf.put(), 1))
    safekeeping.save_due()
    own_redis.stop()

    with pytest.raises(Unavailable):
        safekeeping.save_due()
    with pytest.raises(Unavailable):
        carts.get_own_cart(user_id=user_id)

    assert saved_of(user_id).count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_first_reads_at_once_put_one_cart_back(own_redis, user_id, shelf):
    cart_id = fill_cart(user_id, (shelf.put(), 3))
    safekeeping.save_due()
    lose_everything(own_redis)

    shown = all_at_once(*[partial(carts.get_own_cart, user_id=user_id)] * 8)

    assert {cart.basket.version for cart in shown} == {2 + safekeeping.LEAP}
    assert {cart.basket.id for cart in shown} == {cart_id}


@pytest.mark.django_db(transaction=True)
def test_adding_saving_and_ordering_at_once_leave_what_redis_holds(own_redis, user_id, shelf):
    shirt, hat = shelf.put(available=99), shelf.put(available=99)
    ordered = [OrderedLine(variant_id=shirt.id, quantity=1)]
    for _ in range(10):
        cart_id = fill_cart(user_id, (shirt, 1))

        def add(cart_id=cart_id):
            return items.add_item(basket=storage.find_basket(cart_id), variant_id=hat.id, quantity=1)

        close = partial(closing.close_cart, cart_id=cart_id, order_id=new_id(), lines=ordered)
        all_at_once(safekeeping.save_due, add, safekeeping.save_due, close, safekeeping.save_due, add)
        safekeeping.save_due()

        kept = storage.find_basket_of(user_id)
        saved = [row.basket["id"] for row in saved_of(user_id)]
        assert saved == ([str(kept.id)] if kept else [])


@pytest.mark.django_db(transaction=True)
def test_savers_at_once_write_each_cart_and_wait_for_nobody_for_ever(own_redis, shelf):
    shirt, users = shelf.put(available=999), [new_id() for _ in range(40)]
    for user_id in users:
        fill_cart(user_id, (shirt, 1))

    all_at_once(*[safekeeping.save_due] * 6)

    assert set(SavedCart.objects.values_list("owner_id", flat=True)) >= set(users)
    assert safekeeping.save_due() == 0
