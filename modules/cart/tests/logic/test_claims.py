"""A guest signs in."""

from functools import partial

import pytest
from django_redis import get_redis_connection

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.cart.contracts import CartNotFound
from modules.cart.logic import carts, claims, storage
from modules.cart.tests.at_once import all_at_once
from modules.cart.tests.factories import coupon, eur, fill_cart, put_code, put_in, quantities


def usd(minor):
    return Money(minor=minor, currency="USD")


def notices(cart):
    """What did not come into the cart as it was."""
    return [(said.code, said.variant_id) for said in cart.notices]


def test_quantities_are_added_and_capped_by_stock(shelf):
    shirt, hat, sock, user_id = shelf.put(available=6), shelf.put(), shelf.put(), new_id()
    own_id = fill_cart(user_id, (shirt, 4), (hat, 1))
    guest_id = fill_cart(None, (sock, 2), (shirt, 5))

    merged = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert merged.basket.id == own_id
    assert list(quantities(merged).items()) == [(shirt.id, 6), (hat.id, 1), (sock.id, 2)]
    assert notices(merged) == [("quantity_reduced", shirt.id)]
    assert merged.basket.version == 4


def test_a_user_without_a_cart_gets_one_with_a_new_id(shelf):
    shirt, user_id = shelf.put(), new_id()
    guest_id = fill_cart(None, (shirt, 2))

    merged = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert merged.basket.id != guest_id
    assert (merged.basket.owner_id, quantities(merged), merged.notices) == (user_id, {shirt.id: 2}, [])
    assert carts.get_own_cart(user_id=user_id) == merged


def test_claiming_again_changes_nothing_and_the_id_is_gone_for_all_others(shelf):
    shirt, user_id = shelf.put(), new_id()
    guest_id = fill_cart(None, (shirt, 2))
    merged = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    again = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert again == merged
    for caller_id in (None, user_id, new_id()):
        with pytest.raises(CartNotFound):
            carts.get_cart(cart_id=guest_id, caller_id=caller_id)
    with pytest.raises(CartNotFound):
        claims.claim_cart(cart_id=guest_id, user_id=new_id())


def test_claiming_ones_own_cart_changes_nothing(shelf):
    user_id = new_id()
    own_id = fill_cart(user_id, (shelf.put(), 1))

    cart = claims.claim_cart(cart_id=own_id, user_id=user_id)

    assert (cart.basket.id, cart.basket.version) == (own_id, 2)


def test_what_is_no_longer_for_sale_stays_behind(shelf):
    shirt, hat, user_id = shelf.put(), shelf.put(), new_id()
    guest_id = fill_cart(None, (shirt, 1), (hat, 1))
    shelf.take_away(hat)

    merged = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert (quantities(merged), notices(merged)) == ({shirt.id: 1}, [("not_available", hat.id)])


def test_an_empty_cart_gives_way_to_one_in_the_guests_currency(shelf):
    shirt, user_id = shelf.put(price=usd(2500)), new_id()
    empty_id = fill_cart(user_id, currency="EUR")

    merged = claims.claim_cart(cart_id=fill_cart(None, (shirt, 1), currency="USD"), user_id=user_id)

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

    merged = claims.claim_cart(cart_id=fill_cart(None, (shirt, 1), currency="USD"), user_id=user_id)

    assert merged.total == eur(1990 + 1990)
    assert [priced.price_changed for priced in merged.lines] == [False, False]


def test_a_merged_cart_holds_at_most_100_lines(shelf):
    user_id = new_id()
    variants = [shelf.put() for _ in range(110)]
    fill_cart(user_id, *[(variant, 1) for variant in variants[:60]])
    guest_id = fill_cart(None, *[(variant, 1) for variant in variants[50:]])

    merged = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert len(merged.lines) == 100
    assert quantities(merged)[variants[55].id] == 2
    assert notices(merged) == [("quantity_reduced", variant.id) for variant in variants[100:]]


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

    assert {outcome.basket.id for outcome in outcomes} == {carts.get_own_cart(user_id=user_id).basket.id}
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


@pytest.mark.parametrize(
    ("rule", "kept", "gave_way"),
    [
        ("sum", {"shirt": 3, "hat": 1, "sock": 2}, []),
        ("keep_mine", {"shirt": 1, "hat": 1}, [("shirt", 2), ("sock", 2)]),
        ("keep_guest", {"shirt": 2, "sock": 2}, [("hat", 1), ("shirt", 1)]),
    ],
)
def test_the_setting_says_whose_lines_are_kept_and_none_goes_in_silence(shelf, settings, rule, kept, gave_way):
    settings.CART_CLAIM = rule
    goods = {name: shelf.put(title=name) for name in ("shirt", "hat", "sock")}
    ids, user_id = {variant.id: name for name, variant in goods.items()}, new_id()
    own_id = fill_cart(user_id, (goods["shirt"], 1), (goods["hat"], 1))
    guest_id = fill_cart(None, (goods["shirt"], 2), (goods["sock"], 2))

    merged = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert merged.basket.id == own_id
    assert {ids[id_]: quantity for id_, quantity in quantities(merged).items()} == kept
    assert sorted((said.code, ids[said.variant_id], said.detail) for said in merged.notices) == sorted(
        ("not_kept", name, f"{name}: {quantity} of another cart of yours were left out.") for name, quantity in gave_way
    )
    with pytest.raises(CartNotFound):
        carts.get_cart(cart_id=guest_id, caller_id=user_id)


@pytest.mark.parametrize("rule", ["keep_mine", "keep_guest"])
@pytest.mark.parametrize("who", ["user", "guest"])
def test_an_empty_cart_never_takes_the_place_of_a_full_one(shelf, settings, rule, who):
    settings.CART_CLAIM = rule
    shirt, user_id = shelf.put(), new_id()
    fill_cart(user_id, *([(shirt, 2)] if who == "user" else []))
    guest_id = fill_cart(None, *([(shirt, 2)] if who == "guest" else []))

    merged = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    assert (quantities(merged), merged.notices) == ({shirt.id: 2}, [])


def test_the_guests_lines_are_kept_in_the_guests_currency(shelf, settings):
    settings.CART_CLAIM = "keep_guest"
    shirt, hat, user_id = shelf.put(price=usd(2500)), shelf.put(), new_id()
    own_id = fill_cart(user_id, (hat, 3))

    merged = claims.claim_cart(cart_id=fill_cart(None, (shirt, 1), currency="USD"), user_id=user_id)

    assert (merged.total, notices(merged)) == (usd(2500), [("not_kept", hat.id)])
    assert carts.get_own_cart(user_id=user_id).basket == merged.basket
    with pytest.raises(CartNotFound):
        carts.get_cart(cart_id=own_id, caller_id=user_id)


def test_what_has_no_price_in_the_users_currency_stays_behind(shelf):
    shirt, hat, user_id = shelf.put(price=usd(2500)), shelf.put(), new_id()
    fill_cart(user_id, (hat, 1))

    merged = claims.claim_cart(cart_id=fill_cart(None, (shirt, 1), currency="USD"), user_id=user_id)

    assert (quantities(merged), notices(merged)) == ({hat.id: 1}, [("currency_not_available", shirt.id)])


@pytest.mark.parametrize("rule", ["sum", "keep_mine", "keep_guest"])
def test_codes_come_along_as_far_as_there_is_room(shelf, settings, rule):
    settings.CART_CLAIM = rule
    shirt, user_id = shelf.put(), new_id()
    for name in [f"CODE{number}" for number in range(12)]:
        coupon(name)
    own_id, guest_id = fill_cart(user_id, (shirt, 1)), fill_cart(None, (shirt, 1))
    for number in range(8):
        put_code(own_id, user_id, f"CODE{number}")
    for number in range(7, 11):
        put_code(guest_id, None, f"CODE{number}")

    merged = claims.claim_cart(cart_id=guest_id, user_id=user_id)

    left_out = [said.coupon for said in merged.notices if said.coupon and said.code == "coupon_not_kept"]
    assert len(merged.codes) == 10
    assert sorted([*merged.codes, *left_out]) == sorted(f"CODE{number}" for number in range(11))


def test_adding_to_both_carts_while_the_guests_lines_are_kept_loses_nothing_in_silence(shelf, settings):
    settings.CART_CLAIM = "keep_guest"
    user_id, variants = new_id(), [shelf.put() for _ in range(12)]
    own_id, guest_id = fill_cart(user_id, (variants[0], 1)), fill_cart(None, (variants[1], 1))
    adds = [partial(put_in, own_id, user_id, variant) for variant in variants[2:7]]
    adds += [partial(put_in, guest_id, None, variant) for variant in variants[7:]]

    outcomes = all_at_once(*adds, partial(claims.claim_cart, cart_id=guest_id, user_id=user_id))

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(refusal, CartNotFound) for refusal in refused)
    kept = quantities(carts.get_own_cart(user_id=user_id))
    assert len(kept) + len(outcomes[-1].notices) == 12 - len(refused)
