"""Staff read and write promotions."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.cart.models import Coupon, Promotion
from modules.cart.tests.api.shop import open_cart, put_in
from modules.cart.tests.factories import PromotionFactory, coupon

PROMOTIONS = "/api/v1/carts/promotions/"
TENTH = {"title": "A tenth off", "kind": "percentage", "value": "10"}


def client(*scopes: str) -> Any:
    made = APIClient()
    principal: Any = Principal(id=new_id(), is_staff=True, scopes=frozenset(scopes))
    made.force_authenticate(principal)
    return made


@pytest.fixture
def staff() -> Any:
    return client("cart.read", "cart.write")


def test_a_promotion_is_offered_at_once_and_shown_as_it_was_written(staff, guest, shelf):
    answer = staff.post(PROMOTIONS, TENTH | {"code": "Summer", "usage_limit": 100})

    made = answer.json()
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert made == {
        "id": made["id"],
        "title": "A tenth off",
        "kind": "percentage",
        "code": "Summer",
        "value": "10",
        "currency": None,
        "minimum_subtotal": None,
        "buy_quantity": None,
        "get_quantity": None,
        "tiers": None,
        "category_ids": [],
        "product_ids": [],
        "starts_at": None,
        "ends_at": None,
        "usage_limit": 100,
        "usage_limit_per_customer": None,
        "used": 0,
        "stackable": True,
        "priority": 0,
        "version": 1,
        "created_at": made["created_at"],
    }
    assert staff.get(PROMOTIONS).json()["results"] == [made]
    cart = open_cart(guest)
    put_in(guest, cart, shelf.put())
    assert guest.post(f"{cart}coupons/", {"code": "SUMMER"}).json()["discount_total"]["amount"] == "1.99"


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "fixed", "value": "5.00", "currency": "EUR", "minimum_subtotal": "50.00"},
        {"kind": "fixed", "value": "500", "currency": "JPY"},
        {"kind": "free_shipping", "minimum_subtotal": "50.00", "currency": "EUR"},
        {"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1},
        {"kind": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1, "value": "12.5"},
        {"kind": "tiered", "tiers": [{"quantity": 3, "percent": "5"}, {"quantity": 6, "percent": "10"}]},
    ],
    ids=["fixed", "yen", "free shipping", "buy two get one", "at an eighth less", "tiers"],
)
def test_each_kind_takes_what_it_needs(staff, body):
    answer = staff.post(PROMOTIONS, body | {"title": "One"})

    assert answer.status_code == 201, answer.json()
    assert {name: answer.json()[name] for name in body} == body


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"kind": "percentage"}, ["value"]),
        ({"kind": "percentage", "value": "0"}, ["value"]),
        ({"kind": "percentage", "value": "100.01"}, ["value"]),
        ({"kind": "percentage", "value": "NaN"}, ["value"]),
        ({"kind": "percentage", "value": "1e-9"}, ["value"]),
        ({"kind": "percentage", "value": "10", "tiers": [{"quantity": 1, "percent": "5"}]}, ["tiers"]),
        ({"kind": "percentage", "value": "10", "minimum_subtotal": "5.00"}, ["currency"]),
        ({"kind": "fixed", "value": "5.00"}, ["currency"]),
        ({"kind": "fixed", "value": "5", "currency": "EUR"}, ["value"]),
        ({"kind": "fixed", "value": "0.00", "currency": "EUR"}, ["value"]),
        ({"kind": "free_shipping", "value": "10"}, ["value"]),
        ({"kind": "buy_x_get_y", "buy_quantity": 1}, ["get_quantity"]),
        ({"kind": "tiered"}, ["tiers"]),
        ({"kind": "tiered", "tiers": [{"quantity": 3, "percent": "5"}, {"quantity": 3, "percent": "6"}]}, ["tiers"]),
        ({"kind": "tiered", "tiers": [{"quantity": 3, "percent": "500"}]}, ["tiers"]),
        (
            {"kind": "free_shipping", "starts_at": "2026-12-02T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"},
            ["ends_at"],
        ),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_by_its_field_and_nothing_is_made(staff, body, fields):
    answer = staff.post(PROMOTIONS, body | {"title": "One"})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_promotion")
    assert [error["field"] for error in answer.json()["errors"]] == fields
    assert not Promotion.objects.exists()


def test_a_code_that_another_has_is_refused_in_whatever_letters(staff):
    coupon("Summer")

    answer = staff.post(PROMOTIONS, TENTH | {"code": "sUMMER"})

    assert (answer.status_code, answer.json()["code"]) == (409, "coupon_taken")
    assert Promotion.objects.count() == 1


def test_a_change_keeps_what_it_does_not_name(staff):
    made = staff.post(PROMOTIONS, TENTH | {"code": "SUMMER", "priority": 3}).json()

    changed = staff.patch(f"{PROMOTIONS}{made['id']}/", {"value": "20", "code": "WINTER"}).json()

    assert changed == made | {"value": "20", "code": "WINTER", "version": 2}
    assert Coupon.objects.get().code == "WINTER"
    by_itself = staff.patch(f"{PROMOTIONS}{made['id']}/", {"code": None}).json()
    assert (by_itself["code"], Promotion.objects.get().needs_code, Coupon.objects.count()) == (None, False, 0)


def test_what_changes_nothing_makes_no_new_version(staff):
    made = staff.post(PROMOTIONS, TENTH | {"code": "SUMMER", "priority": 3}).json()
    path = f"{PROMOTIONS}{made['id']}/"

    for same in ({}, {"value": "10.00", "priority": 3}, {"code": "SUMMER", "title": made["title"]}):
        assert staff.patch(path, same).json() == made
    by_itself = staff.patch(path, {"code": None}).json()
    assert staff.patch(path, {"code": None}).json() == by_itself == made | {"code": None, "version": 2}


def test_a_change_that_does_not_fit_changes_nothing(staff):
    promotion = PromotionFactory.create()

    answer = staff.patch(f"{PROMOTIONS}{promotion.id}/", {"title": "Other", "value": "500"})

    assert answer.status_code == 400
    promotion.refresh_from_db()
    assert (promotion.title, promotion.percent, promotion.version) == ("A tenth off", Decimal(10), 1)


def test_a_version_that_is_not_there_any_more_is_refused(staff):
    promotion = PromotionFactory.create()
    path = f"{PROMOTIONS}{promotion.id}/"

    assert staff.patch(path, {"title": "Other"}, headers={"If-Match": '"1"'}).status_code == 200
    assert staff.patch(path, {"title": "Third"}, headers={"If-Match": '"1"'}).status_code == 412
    assert staff.delete(path, headers={"If-Match": '"1"'}).status_code == 412
    assert Promotion.objects.get().title == "Other"


def test_of_many_codes_none_is_changed_by_the_promotion(staff):
    promotion = coupon("ONE")
    promotion.coupons.create(code="TWO", created_at=promotion.created_at)

    answer = staff.patch(f"{PROMOTIONS}{promotion.id}/", {"code": "THREE"})

    assert (answer.status_code, answer.json()["code"]) == (409, "many_coupons")
    assert sorted(Coupon.objects.values_list("code", flat=True)) == ["ONE", "TWO"]


@pytest.mark.parametrize("used", [0, 1])
def test_what_was_used_is_ended_and_anything_else_is_deleted(staff, guest, shelf, used):
    promotion = coupon("SUMMER", used=used)

    assert staff.delete(f"{PROMOTIONS}{promotion.id}/").status_code == 204

    assert Promotion.objects.count() == used
    cart = open_cart(guest)
    put_in(guest, cart, shelf.put())
    refused = guest.post(f"{cart}coupons/", {"code": "SUMMER"}).json()
    assert refused["code"] == ("coupon_expired" if used else "coupon_invalid")


def test_who_may_not_is_refused(guest):
    promotion = PromotionFactory.create()
    path = f"{PROMOTIONS}{promotion.id}/"
    reader = client("cart.read")

    assert [guest.get(PROMOTIONS).status_code, guest.post(PROMOTIONS, TENTH).status_code] == [401, 401]
    assert [reader.get(PROMOTIONS).status_code, reader.post(PROMOTIONS, TENTH).status_code] == [200, 403]
    assert [reader.patch(path, {}).status_code, reader.delete(path).status_code] == [403, 403]
    assert client("catalog.write").get(PROMOTIONS).status_code == 403


@pytest.mark.parametrize("there", [1, 24])
def test_a_page_takes_two_statements(staff, there, django_assert_num_queries):
    for number in range(there):
        coupon(f"CODE-{number}")
    with django_assert_num_queries(2):
        assert len(staff.get(PROMOTIONS).json()["results"]) == there


@pytest.mark.parametrize(
    "values",
    [{"kind": "fixed"}, {"percent": None}, {"percent": 101}, {"amount_minor": 5}, {"currency": "eur"}],
    ids=["no amount", "no percent", "too much", "another kind's", "no currency"],
)
def test_the_database_refuses_what_is_no_promotion(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.filter(id=PromotionFactory.create().id).update(**values)
