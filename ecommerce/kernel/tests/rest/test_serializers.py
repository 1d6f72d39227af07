import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from rest_framework.exceptions import ValidationError

from ecommerce.kernel.money import Money
from ecommerce.kernel.rest import serializers
from ecommerce.kernel.rest.countries import CODES

BASKETS = "/api/v1/orders/baskets/"
WRONG_AMOUNTS = ["1", "1.0", "1.000", "1,00", "1e2", "01.00", ".50", "+1.00", " 1.00", "1.00 ", "", "NaN", "-", "-0.00"]
WRONG_AMOUNTS += ["1.00\n", "１.00", "92233720368547758.08", "9" * 30 + ".00", "0x1.00", "1_0.00", "Infinity"]
GOOD = {"email": "a@example.com", "items": [{"sku": "A", "quantity": 1}]}


def errors_of(client, body) -> list[tuple[str, str]]:
    answer = client.post(BASKETS, json.dumps(body), content_type="application/json")
    assert answer.status_code == 400, answer.content
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_a_good_body_is_taken_and_answered(client):
    body = GOOD | {
        "price": {"amount": "19.90", "currency": "EUR"},
        "country": "DE",
        "gift": False,
        "wanted_at": "2026-01-31T12:00:00+02:00",
        "kind": "now",
        "address_id": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10",
        "tags": ["a"],
    }
    answer = client.post(BASKETS, body)
    assert answer.status_code == 200
    assert answer.json() == body | {"wanted_at": "2026-01-31T10:00:00Z"}


def test_the_problem_names_each_field_by_its_path(client):
    answer = client.post(BASKETS, {"items": [{"sku": "A", "quantity": 1000}, {"quantity": 0}], "tags": ["a", 1]}).json()
    assert (answer["code"], answer["title"], answer["detail"]) == ("invalid", "Invalid", "Some fields are invalid.")
    assert answer["errors"] == [
        {"field": "email", "code": "required", "detail": "This field is required."},
        {
            "field": "items.0.quantity",
            "code": "max_value",
            "detail": "Ensure this value is less than or equal to 999.",
        },
        {"field": "items.1.sku", "code": "required", "detail": "This field is required."},
        {
            "field": "items.1.quantity",
            "code": "min_value",
            "detail": "Ensure this value is greater than or equal to 1.",
        },
        {"field": "tags.1", "code": "invalid", "detail": "Not a valid string."},
    ]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (GOOD | {"other": 1}, ["other"]),
        (GOOD | {"id": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10"}, ["id"]),
        (GOOD | {"items": [{"sku": "A", "quantity": 1, "price": 1}]}, ["items.0.price"]),
        (GOOD | {"price": {"amount": "1.00", "currency": "EUR", "x": 1}}, ["price.x"]),
        (GOOD | {"": 1}, [""]),
    ],
)
def test_unknown_fields_are_refused_nested_and_read_only_too(client, body, fields):
    answer = client.post(BASKETS, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        (field, "unknown_field") for field in fields
    ]


def test_an_unknown_field_is_named_beside_the_other_mistakes(client):
    assert errors_of(client, {"email": 1, "items": [], "x": 1}) == [
        ("email", "invalid"),
        ("x", "unknown_field"),
    ]


@pytest.mark.parametrize("body", [None, [], [GOOD], "a", 1, True])
def test_a_body_that_is_no_object_is_refused(client, body):
    assert errors_of(client, body)[0][0] == ""


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", 1, "invalid"),
        ("email", True, "invalid"),
        ("email", None, "null"),
        ("email", "", "blank"),
        ("email", "x" * 250 + "@a.de", "max_length"),
        ("email", "a", "invalid"),
        ("gift", "true", "invalid"),
        ("gift", 1, "invalid"),
        ("gift", [], "invalid"),
        ("gift", None, "null"),
        ("kind", "never", "invalid_choice"),
        ("kind", 1, "invalid_choice"),
        ("kind", [], "invalid_choice"),
        ("country", "de", "unknown_country"),
        ("country", "DEU", "unknown_country"),
        ("country", "XX", "unknown_country"),
        ("country", "UK", "unknown_country"),
        ("country", 49, "invalid"),
        ("address_id", 1, "invalid"),
        ("address_id", "01936d6e5a3c7c3e9a520e7b3b8f9d10", "invalid"),
        ("address_id", "{01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10}", "invalid"),
        ("address_id", "urn:uuid:01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10", "invalid"),
        ("wanted_at", "2026-01-31T12:00:00", "invalid"),
        ("wanted_at", "2026-01-31", "invalid"),
        ("wanted_at", "2026-02-30T12:00:00Z", "invalid"),
        ("wanted_at", "31.01.2026", "invalid"),
        ("wanted_at", 0, "invalid"),
        ("wanted_at", "0001-01-01T00:00:00+10:00", "invalid"),
        ("tags", "a", "not_a_list"),
        ("tags", {}, "not_a_list"),
        ("items", {}, "not_a_list"),
        ("items", "a", "not_a_list"),
    ],
)
def test_what_merely_looks_like_the_value_is_refused(client, field, value, code):
    assert errors_of(client, GOOD | {field: value}) == [(field, code)]


@pytest.mark.parametrize("quantity", ["3", True, 3.0, 3.5, None, [], {}, 2**62, 1e3])
def test_an_integer_is_a_json_integer(client, quantity):
    [(field, _)] = errors_of(client, GOOD | {"items": [{"sku": "A", "quantity": quantity}]})
    assert field == "items.0.quantity"


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("19.90", "EUR"), ("0.00", "EUR"), ("1990", "JPY"), ("1.250", "KWD"), ("92233720368547758.07", "EUR")],
)
def test_money_is_taken_and_answered_in_the_same_notation(amount, currency):
    field = serializers.MoneyField(min_value=0)
    money = field.run_validation({"amount": amount, "currency": currency})
    assert field.to_representation(money) == {"amount": amount, "currency": currency}


@pytest.mark.parametrize(
    ("value", "field", "code"),
    [
        ("19.90", "", "invalid"),
        (19.9, "", "invalid"),
        ([], "", "invalid"),
        ({}, "amount", "required"),
        ({"amount": "1.00"}, "currency", "required"),
        ({"amount": 1, "currency": "EUR"}, "amount", "invalid_amount"),
        ({"amount": None, "currency": "EUR"}, "amount", "invalid_amount"),
        ({"amount": 19.9, "currency": "EUR"}, "amount", "invalid_amount"),
        *[({"amount": text, "currency": "EUR"}, "amount", "invalid_amount") for text in WRONG_AMOUNTS],
        ({"amount": "1.00", "currency": "JPY"}, "amount", "invalid_amount"),
        ({"amount": "1.25", "currency": "KWD"}, "amount", "invalid_amount"),
        ({"amount": "1.00", "currency": "eur"}, "currency", "invalid_currency"),
        ({"amount": "1.00", "currency": "DEM"}, "currency", "invalid_currency"),
        ({"amount": "1.00", "currency": "XAU"}, "currency", "invalid_currency"),
        ({"amount": "1.00", "currency": None}, "currency", "invalid_currency"),
        ({"amount": "1.00", "currency": []}, "currency", "invalid_currency"),
        ({"amount": "-0.01", "currency": "EUR"}, "amount", "min_value"),
    ],
)
def test_money_in_another_notation_is_refused(client, value, field, code):
    path = f"price.{field}" if field else "price"
    assert errors_of(client, GOOD | {"price": value}) == [(path, code)]


def test_money_may_be_negative_where_the_field_says_so():
    field = serializers.MoneyField()
    assert field.run_validation({"amount": "-1.05", "currency": "EUR"}) == Money(minor=-105, currency="EUR")
    with pytest.raises(ValidationError):
        serializers.MoneyField(max_value=100).run_validation({"amount": "1.01", "currency": "EUR"})


def test_parsed_values_have_their_types(rf):
    class Fake:
        data = GOOD | {
            "address_id": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10",
            "wanted_at": "2026-01-31T12:00:00.5+02:00",
            "price": {"amount": "19.90", "currency": "EUR"},
        }

    from ecommerce.kernel.tests.rest.shop import Basket

    body = Basket.parse(Fake())  # type: ignore[arg-type]  # only `data` is asked for
    assert body["address_id"] == UUID("01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10")
    assert body["wanted_at"] == datetime(2026, 1, 31, 10, 0, 0, 500000, tzinfo=UTC)
    assert body["price"] == Money(minor=1990, currency="EUR")


def test_the_countries_are_those_of_the_standard():
    assert len(CODES) == 249
    assert {"DE", "US", "JP", "GB", "SS"} <= CODES
    assert not {"UK", "EU", "XK", "AN", "SU"} & CODES
