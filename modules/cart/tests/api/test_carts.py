"""Carts as a storefront sees them."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.rest.renderers import encode
from ecommerce.kernel.rest.serializers import AwareDateTimeField
from modules.cart.api import serializers
from modules.cart.logic import carts
from modules.cart.tests import factories
from modules.cart.tests.api.shop import CARTS, open_cart, put_in
from modules.cart.tests.factories import eur


def test_a_guests_cart_is_made_empty_in_the_shops_currency(guest, shelf):
    response = guest.post(CARTS)

    cart = response.json()
    assert response.status_code == 201
    assert response["ETag"] == '"1"'
    assert UUID(cart.pop("id")).version == 4
    expires_at = AwareDateTimeField().to_internal_value(cart.pop("expires_at"))
    assert timedelta(days=29, hours=23) < expires_at - clock.now() <= timedelta(days=30)
    zero = {"amount": "0.00", "currency": "EUR"}
    assert cart == {
        "currency": "EUR",
        "version": 1,
        "items": [],
        "coupons": [],
        "discounts": [],
        "subtotal": zero,
        "discount_total": zero,
        "total": zero,
        "warnings": [],
    }
    assert shelf.asked == []


def test_a_cart_may_be_in_another_currency(guest):
    assert guest.post(CARTS, {"currency": "JPY"}).json()["total"] == {"amount": "0", "currency": "JPY"}


@pytest.mark.parametrize("currency", ["EURO", "eur", "XAU", "", 978, None])
def test_an_unknown_currency_is_refused(guest, currency):
    response = guest.post(CARTS, {"currency": currency})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "currency"


def test_a_stale_if_match_changes_nothing(guest, shelf):
    shirt = shelf.put()
    cart = open_cart(guest)
    put_in(guest, cart, shirt)
    stale = {"If-Match": '"1"'}

    refusals = [
        guest.post(f"{cart}items/", {"sku": shirt.sku, "quantity": 1}, headers=stale),
        guest.patch(f"{cart}items/{shirt.id}/", {"quantity": 5}, headers=stale),
        guest.patch(f"{cart}items/{shirt.id}/", {"quantity": 0}, headers=stale),
        guest.delete(f"{cart}items/{shirt.id}/", headers=stale),
        guest.delete(cart, headers=stale),
        guest.delete(cart, headers={"If-Match": 'W/"2"'}),
    ]

    assert [response.status_code for response in refusals] == [412] * 6
    assert refusals[0].json()["code"] == "precondition_failed"
    assert guest.get(cart)["ETag"] == '"2"'


@pytest.mark.parametrize("tags", ['"2"', '"1", "2"', "*"])
def test_an_if_match_that_fits_lets_pass(guest, shelf, tags):
    shirt = shelf.put()
    cart = open_cart(guest)
    put_in(guest, cart, shirt)

    response = guest.post(f"{cart}items/", {"sku": shirt.sku, "quantity": 1}, headers={"If-Match": tags})

    assert (response.status_code, response["ETag"]) == (200, '"3"')


def test_a_discarded_cart_is_gone(guest, shelf):
    cart = open_cart(guest)

    assert guest.delete(cart).status_code == 204
    assert guest.get(cart).status_code == 404
    assert guest.delete(cart).status_code == 404
    assert put_in(guest, cart, shelf.put()).status_code == 404


def test_a_user_has_one_cart(user, shelf):
    assert user.get(f"{CARTS}mine/").status_code == 404
    cart = open_cart(user)
    put_in(user, cart, shelf.put())

    assert open_cart(user, currency="USD") == cart
    assert user.get(f"{CARTS}mine/").json() == user.get(cart).json()
    assert user.delete(cart).status_code == 204
    assert open_cart(user) != cart


def test_a_users_cart_answers_nobody_else(user, guest, sign_in, shelf):
    shirt = shelf.put()
    cart = open_cart(user)
    put_in(user, cart, shirt)

    for stranger in (guest, sign_in(new_id())):
        answers = [
            stranger.get(cart),
            put_in(stranger, cart, shirt),
            stranger.patch(f"{cart}items/{shirt.id}/", {"quantity": 2}),
            stranger.delete(f"{cart}items/{shirt.id}/"),
            stranger.delete(cart),
            stranger.post(f"{cart}coupons/", {"code": "SUMMER"}),
            stranger.delete(f"{cart}coupons/SUMMER/"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 7
    assert sign_in(new_id()).post(f"{cart}claim/").status_code == 404
    assert user.get(cart)["ETag"] == '"2"'


def test_ones_own_cart_and_claiming_need_a_login(guest):
    assert guest.get(f"{CARTS}mine/").status_code == 401
    assert guest.post(f"{open_cart(guest)}claim/").status_code == 401


def test_a_bad_token_is_401_everywhere(sign_in, guest):
    assert sign_in("nonsense").get(open_cart(guest)).status_code == 401


def test_who_may_not_see_a_cart_learns_nothing_from_a_bad_body(user, guest):
    cart = open_cart(user)

    answers = [
        guest.post(f"{cart}items/", {"nonsense": 1}),
        guest.patch(f"{cart}items/{new_id()}/", {"quantity": -1}),
        guest.post(f"{cart}coupons/", {}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3


def test_claiming_takes_no_fields(user, guest, shelf):
    guests = open_cart(guest)

    refused = user.post(f"{guests}claim/", {"nonsense": 1})
    broken = user.post(f"{guests}claim/", "{", content_type="application/json")

    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_field")
    assert (broken.status_code, broken.json()["code"]) == (400, "invalid_json")
    assert guest.get(guests).status_code == 200


def test_claiming_answers_the_merged_cart_and_names_what_came_short(user, guest, shelf):
    shirt = shelf.put(available=4)
    own, guests = open_cart(user), open_cart(guest)
    put_in(user, own, shirt, 3)
    put_in(guest, guests, shirt, 3)

    response = user.post(f"{guests}claim/")

    assert (response.status_code, response["ETag"]) == (200, '"3"')
    assert [line["quantity"] for line in response.json()["items"]] == [4]
    assert [(w["code"], w["variant_id"]) for w in response.json()["warnings"]] == [("quantity_reduced", str(shirt.id))]
    assert user.post(f"{guests}claim/").json() == response.json() | {"warnings": []}
    assert guest.get(guests).status_code == user.get(guests).status_code == 404


def test_a_coupon_is_not_put_in_or_taken_out_of_another_version(guest, shelf):
    cart, stale = open_cart(guest), {"If-Match": '"0"'}

    refusals = [
        guest.post(f"{cart}coupons/", {"code": "SUMMER"}, headers=stale),
        guest.delete(f"{cart}coupons/SUMMER/", headers=stale),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in refusals] == [(412, "precondition_failed")] * 2


def test_no_coupon_is_known_yet(guest, shelf):
    cart = open_cart(guest)

    response = guest.post(f"{cart}coupons/", {"code": "SUMMER"})

    assert (response.status_code, response.json()["code"]) == (400, "coupon_invalid")
    assert guest.delete(f"{cart}coupons/SUMMER/").json() == guest.get(cart).json()


@pytest.mark.django_db
def test_adding_reads_what_is_offered_and_asks_the_catalog_once(guest, shelf, redis_commands):
    variants = [shelf.put() for _ in range(3)]
    cart = open_cart(guest)
    put_in(guest, cart, variants[0])
    put_in(guest, cart, variants[1])
    redis_commands.clear()
    shelf.asked.clear()

    with CaptureQueriesContext(connection) as queries:
        put_in(guest, cart, variants[2])

    assert len(queries) == 1
    assert redis_commands == ["HGETALL", "EVALSHA"]
    assert [function for function, _ in shelf.asked] == ["find_variants"]


@pytest.mark.django_db
def test_reading_takes_one_round_trip_and_one_question(user, shelf, redis_commands):
    cart = open_cart(user)
    for _ in range(3):
        put_in(user, cart, shelf.put())
    user.get(f"{CARTS}mine/")
    redis_commands.clear()
    shelf.asked.clear()

    with CaptureQueriesContext(connection) as queries:
        user.get(cart)
        user.get(f"{CARTS}mine/")

    # What is offered.
    assert len(queries) == 2
    # Each EXISTS asks whether the caller's tokens are denied.
    assert redis_commands == ["EXISTS", "HGETALL", "EXISTS", "EVALSHA"]
    assert len(shelf.asked) == 2


def test_the_serializer_is_the_schema_of_the_answer(shelf):
    shirt, hat = shelf.put(), shelf.put(price=eur(500), image=None)
    cart_id = factories.fill_cart(None, (shirt, 2), (hat, 2))
    shelf.replace(replace(shirt, available=1))
    answer = serializers.answer_cart(carts.get_cart(cart_id=cart_id, caller_id=None))

    schema = serializers.Cart(data=json.loads(encode(answer)))

    assert schema.is_valid(), schema.errors
    assert encode(schema.to_representation(schema.validated_data)) == encode(answer)
