"""Staff look into carts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from ecommerce.kernel.errors import Invalid, Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in
from modules.cart.contracts import CartNotFound, OrderedLine
from modules.cart.logic.closing import close_cart
from modules.cart.logic.inspection import CustomersCart, look_into
from modules.cart.tests.factories import eur, fill_cart, quantities
from modules.users.contracts import Contact


@contextmanager
def known(user_id: UUID, email: str = "ada@example.com") -> Iterator[list[Any]]:
    """The account of that address."""
    ada = Contact(user_id=user_id, email=email, email_verified=True, first_name="Ada", last_name="", language="en")
    with stand_in("users", find_contacts=lambda emails: [ada] if emails == [email] else []) as asked:
        yield asked


def test_a_guests_cart_is_seen_by_its_id(shelf):
    shirt = shelf.put()
    cart_id = fill_cart(None, (shirt, 2))

    seen = look_into(wanted=f" {cart_id} ", may_see_customers=False)

    assert (seen.basket.id, quantities(seen), seen.total) == (cart_id, {shirt.id: 2}, eur(3980))


def test_a_customers_cart_is_seen_by_its_id_his_id_and_his_address(shelf, user_id):
    cart_id = fill_cart(user_id, (shelf.put(), 1))

    with known(user_id):
        seen = [look_into(wanted=str(one), may_see_customers=True) for one in (cart_id, user_id, "ada@example.com")]

    assert [one.basket.id for one in seen] == [cart_id] * 3


def test_who_may_not_see_customers_sees_no_cart_of_theirs_and_not_whether_there_is_one(shelf, user_id):
    cart_id = fill_cart(user_id, (shelf.put(), 1))

    with known(user_id) as asked:
        for wanted in (str(cart_id), "ada@example.com", "nobody@example.com"):
            with pytest.raises(CustomersCart):
                look_into(wanted=wanted, may_see_customers=False)
        for nobodys in (user_id, new_id()):
            with pytest.raises(CartNotFound):
                look_into(wanted=str(nobodys), may_see_customers=False)

    assert asked == []


def test_what_is_not_there_is_not_found(user_id):
    with known(user_id):
        for wanted in (str(new_id()), str(user_id), "ada@example.com", "nobody@example.com"):
            with pytest.raises(CartNotFound):
                look_into(wanted=wanted, may_see_customers=True)


@pytest.mark.parametrize("wanted", ["", "nonsense", "1", "shop:cart:*", "*"])
def test_what_names_no_cart_is_refused(wanted):
    with pytest.raises(Invalid, match="Give the id of a cart"):
        look_into(wanted=wanted, may_see_customers=True)


def test_where_the_rest_of_an_ordered_cart_lies_is_not_told(shelf):
    shirt = shelf.put()
    cart_id = fill_cart(None, (shirt, 2))
    close_cart(cart_id=cart_id, order_id=new_id(), lines=[OrderedLine(variant_id=shirt.id, quantity=1)])

    with pytest.raises(CartNotFound) as refused:
        look_into(wanted=str(cart_id), may_see_customers=True)

    assert refused.value.details == {}


def test_without_redis_it_is_unavailable(own_redis):
    own_redis.stop()

    with pytest.raises(Unavailable):
        look_into(wanted=str(new_id()), may_see_customers=True)
