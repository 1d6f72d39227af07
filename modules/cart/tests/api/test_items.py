"""What goes into a cart and out of it, as a storefront sees it."""

from dataclasses import replace

import pytest

from ecommerce.kernel.money import MAX_MINOR, Money
from modules.cart.tests.api.shop import open_cart, put_in
from modules.cart.tests.factories import UNSEEN, eur


def test_adding_shows_the_line_at_the_catalogs_price(guest, shelf):
    shirt = shelf.put()
    cart = open_cart(guest)

    response = put_in(guest, cart, shirt, 3)

    assert response.status_code == 200
    assert response["ETag"] == '"2"'
    assert response.json()["items"] == [
        {
            "variant_id": str(shirt.id),
            "sku": shirt.sku,
            "title": "Shirt",
            "image": "/media/shirt.webp",
            "options": {"Size": "M"},
            "quantity": 3,
            "unit_price": {"amount": "19.90", "currency": "EUR"},
            "line_total": {"amount": "59.70", "currency": "EUR"},
            "available": 10,
            "price_changed": False,
        }
    ]
    assert response.json()["total"] == {"amount": "59.70", "currency": "EUR"}
    assert guest.get(cart).json() == response.json()


def test_adding_by_sku_adds_to_what_is_there(guest, shelf):
    shirt = shelf.put()
    cart = open_cart(guest)
    put_in(guest, cart, shirt, 2)

    response = guest.post(f"{cart}items/", {"sku": shirt.sku, "quantity": 3})

    assert [line["quantity"] for line in response.json()["items"]] == [5]


def test_lines_stay_in_the_order_in_which_they_came(guest, shelf):
    variants = [shelf.put() for _ in range(5)]
    cart = open_cart(guest)
    for variant in reversed(variants):
        put_in(guest, cart, variant)
    put_in(guest, cart, variants[2])

    shown = [line["variant_id"] for line in guest.get(cart).json()["items"]]

    assert shown == [str(variant.id) for variant in reversed(variants)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quantity": 1}, "variant_id"),
        ({"quantity": 1, "variant_id": str(UNSEEN), "sku": "A"}, "variant_id"),
        ({"quantity": 0, "sku": "A"}, "quantity"),
        ({"quantity": 1000, "sku": "A"}, "quantity"),
        ({"quantity": "2", "sku": "A"}, "quantity"),
        ({"quantity": 1, "sku": "A", "price": "0.01"}, "price"),
        ({"quantity": 1, "sku": ""}, "sku"),
    ],
)
def test_a_body_that_will_not_do_is_refused(guest, shelf, body, field):
    cart = open_cart(guest)

    response = guest.post(f"{cart}items/", body)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert guest.get(cart)["ETag"] == '"1"'


def test_what_is_not_for_sale_is_refused(guest, shelf):
    cart = open_cart(guest)

    response = guest.post(f"{cart}items/", {"variant_id": str(UNSEEN), "quantity": 1})

    assert (response.status_code, response.json()["code"]) == (400, "unknown_variant")
    assert guest.get(cart)["ETag"] == '"1"'


def test_a_variant_without_a_price_in_the_carts_currency_is_refused(guest, shelf):
    shirt = shelf.put()
    cart = open_cart(guest, currency="USD")

    response = put_in(guest, cart, shirt)

    assert (response.status_code, response.json()["code"]) == (409, "currency_not_available")
    assert guest.get(cart).json()["items"] == []


def test_more_than_is_in_stock_is_refused_and_says_what_is_left(guest, shelf):
    shirt = shelf.put(available=4)
    cart = open_cart(guest)
    put_in(guest, cart, shirt, 3)

    response = put_in(guest, cart, shirt, 2)

    problem = response.json()
    assert (response.status_code, problem["code"], problem["available"]) == (409, "out_of_stock", 4)
    assert problem["lines"] == [{"variant_id": str(shirt.id), "sku": shirt.sku, "requested": 5, "available": 4}]
    assert [line["quantity"] for line in guest.get(cart).json()["items"]] == [3]


def test_a_line_holds_at_most_999(guest, shelf):
    shirt = shelf.put(available=5000)
    cart = open_cart(guest)
    put_in(guest, cart, shirt, 999)

    response = put_in(guest, cart, shirt, 1)

    assert (response.status_code, response.json()["code"]) == (409, "quantity_too_large")
    assert guest.get(cart).json()["items"][0]["quantity"] == 999


def test_a_cart_holds_at_most_100_lines(guest, shelf):
    variants = [shelf.put() for _ in range(101)]
    cart = open_cart(guest)
    for variant in variants[:100]:
        assert put_in(guest, cart, variant).status_code == 200

    response = put_in(guest, cart, variants[100])

    assert (response.status_code, response.json()["code"]) == (409, "cart_full")
    assert put_in(guest, cart, variants[0]).json()["items"][0]["quantity"] == 2
    assert len(guest.get(cart).json()["items"]) == 100


def test_a_total_beyond_money_is_refused(guest, shelf):
    planet = shelf.put(price=Money(minor=MAX_MINOR, currency="EUR"))
    cart = open_cart(guest)
    assert put_in(guest, cart, planet, 1).status_code == 200

    assert put_in(guest, cart, planet, 1).json()["code"] == "total_too_large"
    line = guest.patch(f"{cart}items/{planet.id}/", {"quantity": 2})
    assert (line.status_code, line.json()["code"]) == (409, "total_too_large")
    assert guest.get(cart).json()["total"]["amount"] == "92233720368547758.07"


def test_setting_a_quantity_and_removing(guest, shelf):
    shirt, hat = shelf.put(), shelf.put(price=eur(500))
    cart = open_cart(guest)
    put_in(guest, cart, shirt)
    put_in(guest, cart, hat)

    set_to_7 = guest.patch(f"{cart}items/{shirt.id}/", {"quantity": 7})
    zero = guest.patch(f"{cart}items/{shirt.id}/", {"quantity": 0})
    gone = guest.delete(f"{cart}items/{hat.id}/")

    assert [line["quantity"] for line in set_to_7.json()["items"]] == [7, 1]
    assert [line["sku"] for line in zero.json()["items"]] == [hat.sku]
    assert (gone.json()["items"], gone.json()["version"]) == ([], 6)


def test_removing_what_is_not_there_changes_nothing(guest, shelf):
    cart = open_cart(guest)

    assert guest.delete(f"{cart}items/{UNSEEN}/").json()["version"] == 1
    assert guest.patch(f"{cart}items/{UNSEEN}/", {"quantity": 0}).json()["version"] == 1
    assert guest.patch(f"{cart}items/{UNSEEN}/", {"quantity": 1}).status_code == 404


def test_setting_more_than_is_in_stock_is_refused(guest, shelf):
    shirt = shelf.put(available=4)
    cart = open_cart(guest)
    put_in(guest, cart, shirt)

    response = guest.patch(f"{cart}items/{shirt.id}/", {"quantity": 5})

    assert (response.status_code, response.json()["available"]) == (409, 4)
    assert guest.get(cart).json()["version"] == 2


def test_a_changed_price_shows_at_the_next_read(guest, shelf):
    shirt = shelf.put()
    cart = open_cart(guest)
    put_in(guest, cart, shirt)
    shelf.replace(replace(shirt, price=eur(2490)))

    body = guest.get(cart).json()

    assert body["items"][0]["unit_price"]["amount"] == "24.90"
    assert body["items"][0]["price_changed"] is True
    assert body["total"]["amount"] == "24.90"
    assert body["warnings"] == [
        {
            "code": "price_changed",
            "detail": "Shirt now costs 24.90 EUR.",
            "variant_id": str(shirt.id),
            "coupon": None,
        }
    ]
    assert put_in(guest, cart, shirt).json()["warnings"] == []


def test_what_ran_out_or_left_the_shop_is_warned_of(guest, shelf):
    shirt, hat = shelf.put(), shelf.put(title="Hat", price=eur(500))
    cart = open_cart(guest)
    put_in(guest, cart, shirt, 5)
    put_in(guest, cart, hat, 2)
    shelf.replace(replace(shirt, available=3))
    shelf.take_away(hat)

    body = guest.get(cart).json()

    assert [(warning["code"], warning["variant_id"]) for warning in body["warnings"]] == [
        ("out_of_stock", str(shirt.id)),
        ("not_available", str(hat.id)),
    ]
    gone = body["items"][1]
    assert (gone["title"], gone["unit_price"]["amount"], gone["line_total"]["amount"]) == ("Hat", "5.00", "0.00")
    assert body["total"]["amount"] == "99.50"
