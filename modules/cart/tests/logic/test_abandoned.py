"""Users leave something in their carts and do not come back."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in
from modules.cart.logic import abandoned, carts, safekeeping
from modules.cart.models import SavedCart
from modules.cart.tests.at_once import all_at_once
from modules.cart.tests.factories import fill_cart, put_in
from modules.users.contracts import Contact


class Customers:
    """Who they are; only those in `willing` accept marketing."""

    def __init__(self):
        self.willing: set[UUID] = set()
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def contacts(self, ids):
        return [
            Contact(
                user_id=id_, email="a@example.com", email_verified=True, first_name="", last_name="", language="en",
                accepts_marketing=id_ in map(str, self.willing),
            )
            for id_ in ids
        ]  # fmt: skip


@pytest.fixture
def customers():
    known = Customers()
    with stand_in("users", get_contacts=known.contacts) as asked:
        known.asked = asked
        yield known


@pytest.fixture
def later(monkeypatch):
    """Time passes."""

    def pass_by(**time):
        then = clock.now() + timedelta(**time)
        monkeypatch.setattr(clock, "now", lambda: then)

    return pass_by


def announced():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payload ->> 'cart_id', payload ->> 'user_id' FROM kernel_outboxevent"
            " WHERE name = 'cart.CartAbandoned' ORDER BY position"
        )
        return cursor.fetchall()


def leave(shelf, user_id):
    cart_id = fill_cart(user_id, (shelf.put(), 1))
    safekeeping.save_due()
    return cart_id


def test_after_the_silence_it_is_announced_once(own_redis, customers, later, shelf, user_id):
    cart_id = leave(shelf, user_id)
    customers.willing.add(user_id)

    later(hours=23.9)
    assert abandoned.announce_abandoned() == 0
    later(hours=0.2)
    assert [abandoned.announce_abandoned() for _ in range(3)] == [1, 0, 0]

    assert announced() == [(str(cart_id), str(user_id))]


def test_one_who_comes_back_and_goes_again_is_not_told_twice_of_one_cart(own_redis, customers, later, shelf, user_id):
    cart_id = leave(shelf, user_id)
    customers.willing.add(user_id)
    later(days=2)
    abandoned.announce_abandoned()

    put_in(cart_id, user_id, shelf.put())
    safekeeping.save_due()
    later(days=2)
    assert abandoned.announce_abandoned() == 0

    carts.discard_cart(basket=carts.get_basket(cart_id=cart_id, caller_id=user_id))
    next_id = leave(shelf, user_id)
    later(days=2)
    assert abandoned.announce_abandoned() == 1
    assert announced() == [(str(cart_id), str(user_id)), (str(next_id), str(user_id))]


def test_who_does_not_accept_marketing_is_not_told_and_not_asked_again_before_his_cart_changes(
    own_redis, customers, later, shelf, user_id
):
    cart_id = leave(shelf, user_id)
    later(days=2)
    assert [abandoned.announce_abandoned() for _ in range(2)] == [0, 0]
    assert len(customers.asked) == 1

    customers.willing.add(user_id)
    put_in(cart_id, user_id, shelf.put())
    safekeeping.save_due()
    later(days=2)

    assert abandoned.announce_abandoned() == 1
    assert len(announced()) == 1


def test_an_empty_cart_and_a_guests_are_not_abandoned(own_redis, customers, later, shelf, user_id):
    customers.willing.add(user_id)
    fill_cart(user_id)
    fill_cart(None, (shelf.put(), 1))
    safekeeping.save_due()
    later(days=2)

    assert abandoned.announce_abandoned() == 0
    assert announced() == []


def test_a_change_that_is_not_saved_yet_breaks_the_silence(own_redis, customers, later, shelf, user_id):
    cart_id = leave(shelf, user_id)
    customers.willing.add(user_id)
    later(days=2)
    put_in(cart_id, user_id, shelf.put())

    assert abandoned.announce_abandoned() == 0
    safekeeping.save_due()
    assert abandoned.announce_abandoned() == 0
    assert announced() == []


def test_with_0_hours_nobody_is_told(own_redis, customers, later, shelf, user_id, settings):
    settings.ABANDONED_CART_HOURS = 0
    customers.willing.add(user_id)
    leave(shelf, user_id)
    later(days=20)

    assert abandoned.announce_abandoned() == 0


def test_450_carts_are_asked_for_in_three_questions(own_redis, customers, later, shelf):
    shirt = shelf.put(available=999)
    for _ in range(450):
        user_id = new_id()
        customers.willing.add(user_id)
        fill_cart(user_id, (shirt, 1))
    safekeeping.save_due()
    later(days=2)

    assert abandoned.announce_abandoned() == 450
    assert len(customers.asked) == 3
    assert not SavedCart.objects.filter(is_watched=True).exists()


@pytest.mark.django_db(transaction=True)
def test_four_who_look_at_once_announce_it_once(own_redis, customers, later, shelf):
    for _ in range(20):
        user_id = new_id()
        customers.willing.add(user_id)
        leave(shelf, user_id)
    later(days=2)

    assert sum(all_at_once(*[partial(abandoned.announce_abandoned)] * 4)) == 20
    assert len(announced()) == 20
