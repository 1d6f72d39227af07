"""Coupon codes and promotions in a cart, as a storefront sees them."""

from datetime import timedelta

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from modules.cart.tests.api.shop import open_cart, put_in
from modules.cart.tests.factories import PromotionFactory, coupon, eur

EUR = {"currency": "EUR"}


@pytest.fixture
def cart(guest, shelf):
    """Three shirts at 19.90 EUR."""
    cart = open_cart(guest)
    put_in(guest, cart, shelf.put(), 3)
    return cart


def enter(client, cart, code, **headers):
    return client.post(f"{cart}coupons/", {"code": code}, headers=headers)


def test_what_is_offered_by_itself_is_taken_off(guest, cart):
    PromotionFactory.create()

    body = guest.get(cart).json()

    assert body["discounts"] == [{"code": None, "title": "A tenth off", "amount": {"amount": "5.97", **EUR}}]
    assert [body[name]["amount"] for name in ("subtotal", "discount_total", "total")] == ["59.70", "5.97", "53.73"]


def test_a_code_is_entered_in_whatever_letters_and_taken_out(guest, cart):
    coupon("Summer")

    entered = enter(guest, cart, " sUMMER ")

    assert (entered.status_code, entered.json()["coupons"]) == (200, ["SUMMER"])
    assert entered.json()["discounts"][0]["code"] == "SUMMER"
    assert enter(guest, cart, "summer").json() == entered.json()
    assert guest.get(cart).json() == entered.json()
    taken_out = guest.delete(f"{cart}coupons/summer/").json()
    assert (taken_out["coupons"], taken_out["discount_total"]["amount"]) == ([], "0.00")
    assert taken_out["version"] == entered.json()["version"] + 1


@pytest.mark.parametrize(
    ("code", "promotion"),
    [
        ("coupon_invalid", None),
        ("coupon_invalid", {"starts_at": timedelta(hours=1)}),
        ("coupon_expired", {"ends_at": timedelta(hours=-1)}),
        ("coupon_invalid", {"currency": "USD", "minimum_minor": 1}),
        ("coupon_minimum_not_met", {"currency": "EUR", "minimum_minor": 5971}),
        ("coupon_exhausted", {"usage_limit": 2, "used": 2}),
    ],
    ids=["unknown", "not yet", "over", "for another currency", "below its minimum", "used up"],
)
def test_a_code_that_cannot_serve_is_refused_and_changes_nothing(guest, cart, code, promotion):
    if promotion is not None:
        times = {name: clock.now() + value for name, value in promotion.items() if isinstance(value, timedelta)}
        coupon("SUMMER", **promotion | times)
    before = guest.get(cart).json()

    refused = enter(guest, cart, "SUMMER")

    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert guest.get(cart).json() == before


@pytest.mark.parametrize("used", [1, 2])
def test_of_a_bulk_of_codes_each_has_its_own_limit(guest, cart, used):
    promotion = coupon("ONE", code_limit=2)
    promotion.coupons.update(used=used)

    assert enter(guest, cart, "ONE").status_code == (200 if used < 2 else 400)


def test_what_a_customer_has_used_is_refused_to_him_alone(guest, user, user_id, shelf):
    promotion = coupon("ONCE", usage_limit_per_customer=1)
    promotion.customer_uses.create(customer_key=str(user_id), used=1)
    cart, others = open_cart(user), open_cart(guest)
    put_in(user, cart, shelf.put())
    put_in(guest, others, shelf.put())

    assert enter(user, cart, "ONCE").json()["code"] == "coupon_exhausted"
    assert enter(guest, others, "ONCE").status_code == 200


def test_a_code_that_serves_no_more_stands_in_the_way_of_ordering_and_is_named(guest, cart):
    promotion = coupon("SUMMER")
    enter(guest, cart, "SUMMER")
    promotion.ends_at = clock.now()
    promotion.save()

    body = guest.get(cart).json()

    assert (body["discounts"], body["coupons"]) == ([], ["SUMMER"])
    assert [(one["code"], one["coupon"]) for one in body["warnings"]] == [("coupon_expired", "SUMMER")]


def test_a_code_below_whose_minimum_the_cart_has_fallen_is_named(guest, cart, shelf):
    coupon("SUMMER", currency="EUR", minimum_minor=5970)
    assert enter(guest, cart, "SUMMER").json()["total"]["amount"] == "53.73"
    [line] = guest.get(cart).json()["items"]

    body = guest.patch(f"{cart}items/{line['variant_id']}/", {"quantity": 2}).json()

    assert (body["total"]["amount"], body["coupons"]) == ("39.80", ["SUMMER"])
    assert [one["code"] for one in body["warnings"]] == ["coupon_minimum_not_met"]


def test_a_code_beside_which_something_better_is_offered_is_taken_and_named(guest, cart):
    coupon("SUMMER", stackable=False)
    PromotionFactory.create(title="A fifth off", percent=20, stackable=False)

    body = enter(guest, cart, "SUMMER").json()

    assert [one["title"] for one in body["discounts"]] == ["A fifth off"]
    assert [one["code"] for one in body["warnings"]] == ["coupon_not_best"]


def test_a_cart_holds_ten_codes(guest, cart):
    for number in range(11):
        coupon(f"CODE{number}", title=f"Title {number}")
    answers = [enter(guest, cart, f"CODE{number}") for number in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [409]
    assert answers[-1].json()["code"] == "too_many_coupons"


def test_codes_come_along_when_a_guest_signs_in(guest, user, cart):
    coupon("SUMMER")
    enter(guest, cart, "SUMMER")

    assert user.post(f"{cart}claim/").json()["coupons"] == ["SUMMER"]


def test_a_shelf_is_reduced_with_what_stands_below_it(guest, shelf):
    clothes, shirts = new_id(), new_id()
    PromotionFactory.create(category_ids=[clothes])
    cart = open_cart(guest)
    put_in(guest, cart, shelf.put(category_ids=[shirts, clothes], price=eur(1000)))
    body = put_in(guest, cart, shelf.put(price=eur(500))).json()

    assert body["discount_total"]["amount"] == "1.00"


@pytest.mark.parametrize("offered", [0, 20])
def test_the_offers_are_one_statement_however_many(guest, cart, offered, django_assert_num_queries):
    for number in range(offered):
        PromotionFactory.create(title=f"Title {number}")
    with django_assert_num_queries(1):
        guest.get(cart)
