"""A guest signs in."""

from functools import partial

import pytest
from django_redis import get_redis_connection

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.cart.contracts import CartNotFound
from modules.cart.logic import carts, claims, storage
from modules.cart.tests.at_once import all_at_once
from modules.cart.tests.factories import eur, fill_cart, put_in, quantities


def usd(minor):
    return Money(minor=minor, currency="USD")


def test_quantities_are_added_and_capped_by_stock(shelf):
    shirt, hat, sock, user_id = shelf.put(available=6), shelf.put(), shelf.put(), new_id()
    own_id = fill_cart(user_id, (shirt, 4), (hat, 1))
    guest_id = fill_cart(None, (sock, 2), (shirt, 5))

    merged, short = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert merged.basket.id == own_id
    assert list(quantities(merged).items()) == [(shirt.id, 6), (hat.id, 1), (sock.id, 2)]
    assert short == [shirt.id]
    assert merged.basket.version == 4


def test_a_user_without_a_cart_gets_one_with_a_new_id(shelf):
    shirt, user_id = shelf.put(), new_id()
    guest_id = fill_cart(None, (shirt, 2))

    merged, short = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert merged.basket.id != guest_id
    assert (merged.basket.owner_id, quantities(merged), short) == (user_id, {shirt.id: 2}, [])
    assert carts.get_own_cart(user_id=user_id) == merged


def test_claiming_again_changes_nothing_and_the_id_is_gone_for_all_others(shelf):
    shirt, user_id = shelf.put(), new_id()
    guest_id = fill_cart(None, (shirt, 2))
    merged, _ = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    again, short = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert (again, short) == (merged, [])
    for caller_id in (None, user_id, new_id()):
        with pytest.raises(CartNotFound):
            carts.get_cart(cart_id=guest_id, caller_id=caller_id)
    with pytest.raises(CartNotFound):
        claims.claim_cart(cart_id=guest_id, user_id=new_id())


def test_claiming_ones_own_cart_changes_nothing(shelf):
    user_id = new_id()
    own_id = fill_cart(user_id, (shelf.put(), 1))

    cart, _ = claims.claim_cart(cart_id=own_id, user_id=user_id)

    assert (cart.basket.id, cart.basket.version) == (own_id, 2)


def test_what_is_no_longer_for_sale_stays_behind(shelf):
    shirt, hat, user_id = shelf.put(), shelf.put(), new_id()
    guest_id = fill_cart(None, (shirt, 1), (hat, 1))
    shelf.take_away(hat)

    merged, short = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert (quantities(merged), short) == ({shirt.id: 1}, [hat.id])


def test_an_empty_cart_gives_way_to_one_in_the_guests_currency(shelf):
    shirt, user_id = shelf.put(price=usd(2500)), new_id()
    empty_id = fill_cart(user_id, currency="EUR")

    merged, _ = claims.claim_cart(cart_id=fill_cart(None, (shirt, 1), currency="USD"), user_id=user_id)

    assert (merged.basket.currency, merged.total) == ("USD", usd(2500))
    assert carts.get_own_cart(user_id=user_id) == merged
    with pytest.raises(CartNotFound):
        carts.get_cart(cart_id=empty_id, caller_id=user_id)


def test_what_is_added_to_ones_own_cart_while_claiming_is_kept(shelf):
    dollars, euros, user_id = shelf.put(price=usd(2500)), shelf.put(), new_id()
    shelf.put(id=dollars.id, price=eur(1990))
    own_id = fill_cart(user_id, currency="EUR")
    guest_id = fill_cart(None, (dollars, 1), currency="USD")

    outcomes = all_at_once(
        *[partial(put_in, own_id, user_id, euros)] * 4, partial(claims.claim_cart, cart_id=guest_id, user_id=user_id)
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(refusal, CartNotFound) for refusal in refused)
    assert sum(quantities(carts.get_own_cart(user_id=user_id)).values()) == 1 + 4 - len(refused)


def test_lines_in_another_currency_come_at_the_users(shelf):
    shirt, hat, user_id = shelf.put(price=usd(2500)), shelf.put(), new_id()
    shelf.put(id=shirt.id, price=eur(1990))
    fill_cart(user_id, (hat, 1))

    merged, _ = claims.claim_cart(cart_id=fill_cart(None, (shirt, 1), currency="USD"), user_id=user_id)

    assert merged.total == eur(1990 + 1990)
    assert [priced.price_changed for priced in merged.lines] == [False, False]


def test_a_merged_cart_holds_at_most_100_lines(shelf):
    user_id = new_id()
    variants = [shelf.put() for _ in range(110)]
    fill_cart(user_id, *[(variant, 1) for variant in variants[:60]])
    guest_id = fill_cart(None, *[(variant, 1) for variant in variants[50:]])

    merged, short = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert len(merged.lines) == 100
    assert quantities(merged)[variants[55].id] == 2
    assert short == [variant.id for variant in variants[100:]]


def test_claiming_while_the_guest_goes_on_adding_loses_nothing(shelf):
    user_id = new_id()
    variants = [shelf.put() for _ in range(12)]
    guest_id = fill_cart(None, (variants[0], 1))
    adds = [partial(put_in, guest_id, None, variant) for variant in variants]

    outcomes = all_at_once(*adds[:6], partial(claims.claim_cart, cart_id=guest_id, user_id=user_id), *adds[6:])

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(refusal, CartNotFound) for refusal in refused)
    total = sum(quantities(carts.get_own_cart(user_id=user_id)).values())
    assert total == 1 + 12 - len(refused)


def test_many_claims_at_once_merge_once(shelf):
    shirt, user_id = shelf.put(available=99), new_id()
    guest_id = fill_cart(None, (shirt, 3))
    claim = partial(claims.claim_cart, cart_id=guest_id, user_id=user_id)

    outcomes = all_at_once(*[claim] * 8)

    assert {outcome[0].basket.id for outcome in outcomes} == {carts.get_own_cart(user_id=user_id).basket.id}
    assert quantities(carts.get_own_cart(user_id=user_id)) == {shirt.id: 3}


def test_two_users_at_once_cannot_both_have_it(shelf):
    shirt, users = shelf.put(), [new_id(), new_id()]
    guest_id = fill_cart(None, (shirt, 3))

    outcomes = all_at_once(*[partial(claims.claim_cart, cart_id=guest_id, user_id=user) for user in users])

    assert sorted(isinstance(outcome, CartNotFound) for outcome in outcomes) == [False, True]


def test_what_is_left_of_a_claimed_cart_goes_with_the_users(shelf):
    guest_id = fill_cart(None)
    claims.claim_cart(cart_id=guest_id, user_id=new_id())

    assert 0 < get_redis_connection("default").ttl(f"{storage.CARTS}{guest_id}") <= 30 * 86400
