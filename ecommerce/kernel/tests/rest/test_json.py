"""Request bodies as StrictJSONParser reads them, and answers as JSONRenderer writes them."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from django.utils.functional import lazystr
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ErrorDetail, ParseError

from ecommerce.kernel.money import Money, api_money
from ecommerce.kernel.rest.parsers import parse
from ecommerce.kernel.rest.renderers import MoneyStruct, encode

ANY, STRICT = "/api/v1/any/", "/api/v1/orders/baskets/"
BIG = 2**63 - 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"a": 1,}',
        b"{'a': 1}",
        b"nul",
        b"01",
        b"1.",
        b"+1",
        b".5",
        b'"\x00"',
        b'"\n"',
        b"NaN",
        b"[Infinity]",
        b'{"a": -Infinity}',
        b"1e999",
        b"-1e999",
        str(BIG + 1).encode(),
        str(-BIG - 2).encode(),
        b"9" * 5000,
        b'"\xff"',
        '"ä"'.encode("latin-1"),
        '{"a": 1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b'"\xed\xa0\x80"',
        rb'"\ud800"',
        rb'"\udfff\ud800"',
        rb'{"\ud800": 1}',
        rb'"a\u0000b"',
        rb'[{"a": ["\u0000"]}]',
        rb'{"\u0000": 1}',
        b'{"a": 1, "a": 1}',
        b'[{"b": {"a": 1, "a": 2}}]',
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 65 + b"1" + b"}" * 65,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{} {}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_json_or_asks_for_trouble_is_refused(body):
    with pytest.raises(ParseError) as refused:
        parse(body)
    assert refused.value.get_codes() == "invalid_json"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"null", None),
        (b" 1 ", 1),
        (str(BIG).encode(), BIG),
        (str(-BIG).encode(), -BIG),
        (b"1e3", 1000.0),
        (b"1e-999", 0.0),
        (b"-0", 0),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\\ud800 \\u0000"', r"\ud800 \u0000"),
        (b"[" * 64 + b"]" * 64, None),
        (b"[" + b"[]," * 100 + b"1]", [[]] * 100 + [1]),
        ('{"ключ": "значение"}'.encode(), {"ключ": "значение"}),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_json_is_read(body, value):
    read = parse(body)
    assert value is None or read == value


@given(st.recursive(st.none() | st.booleans() | st.text() | st.integers(-BIG, BIG), st.lists))
def test_whatever_json_writes_is_read_back_unless_it_holds_a_nul(value):
    text = json.dumps(value)
    if r"\u0000" in text:
        return
    assert parse(text.encode()) == value


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0d8 1e9-.tfn', max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(body):
    with suppress(ParseError):
        parse(body)


# ── over HTTP ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_malformed_json_is_a_400_that_says_where(client):
    answer = client.generic("POST", ANY, b'{"a": }', content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert answer.json()["detail"] == "The body is not JSON: Expecting value at line 1, column 7."


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "nonsense",
    ],
)
def test_another_content_type_is_415(client, content_type):
    answer = client.generic("POST", ANY, b"a=1", content_type=content_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_compressed_body_is_415(client):
    answer = client.generic("POST", ANY, b"{}", content_type="application/json", HTTP_CONTENT_ENCODING="gzip")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
def test_json_is_taken_whatever_its_parameters(client, content_type):
    assert client.generic("POST", ANY, b"[1]", content_type=content_type).json() == {"got": [1]}


FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.uuids().map(str) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
FIELDS = ["id", "email", "items", "price", "country", "gift", "wanted_at", "kind", "address_id", "tags", "other"]
NEARLY = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(FIELDS, VALUES)
    | {
        "items": st.lists(st.fixed_dictionaries({}, optional={"sku": VALUES, "quantity": VALUES, "x": VALUES}))
        | VALUES,
        "price": st.fixed_dictionaries({}, optional={"amount": VALUES, "currency": VALUES | st.just("EUR")}) | VALUES,
    },
)


@FUZZ
@given(body=(VALUES | NEARLY).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=100))
@example(body=b'{"items": [[]]}')
@example(body=b'{"wanted_at": "0001-01-01T00:00:00+23:59"}')
@example(body=b'{"wanted_at": "9999-12-31T23:59:59-23:59"}')
@example(body=b'{"kind": {}}')
@example(body=b'{"items": {"0": {"sku": 1}}}')
def test_no_body_gives_a_server_error(client, body):
    answer = client.generic("POST", STRICT, body, content_type="application/json")
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] in ("invalid", "unknown_field", "invalid_json")


@FUZZ
@given(content_type=st.text(st.characters(codec="latin-1"), max_size=40), body=st.binary(min_size=1, max_size=20))
@example(content_type="application/json;" * 30, body=b"{}")
@example(content_type="/", body=b"{}")
@example(content_type='a/b;c="', body=b"{}")
def test_no_content_type_gives_a_server_error(client, content_type, body):
    answer = client.generic("POST", STRICT, body, content_type=content_type)
    assert answer.status_code in (200, 400, 415)


@FUZZ
@given(accept=st.text(st.characters(codec="latin-1"), max_size=40))
@example(accept="*/*;q=x, ;;;, application/json; indent=abc")
def test_no_accept_header_gives_a_server_error(client, accept):
    answer = client.post(ANY, {}, format="json", HTTP_ACCEPT=accept)
    assert answer.status_code in (200, 406)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_answers_are_plain_json():
    data = {
        "at": datetime(2026, 1, 31, 12, 30, 0, 5000, tzinfo=UTC),
        "id": UUID(int=1),
        "price": api_money(Money(minor=1990, currency="EUR")),
        "struct": MoneyStruct(amount="1", currency="JPY"),
        "text": lazystr("later"),
        "error": ErrorDetail("wrong", "code"),
        "rate": Decimal("0.19"),
    }
    assert json.loads(encode(data)) == {
        "at": "2026-01-31T12:30:00.005000Z",
        "id": "00000000-0000-0000-0000-000000000001",
        "price": {"amount": "19.90", "currency": "EUR"},
        "struct": {"amount": "1", "currency": "JPY"},
        "text": "later",
        "error": "wrong",
        "rate": "0.19",
    }


def test_instants_of_another_zone_are_answered_in_utc_by_their_field():
    from ecommerce.kernel.rest.serializers import AwareDateTimeField

    there = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    assert AwareDateTimeField().to_representation(there) == "2026-01-31T10:00:00Z"


@pytest.mark.parametrize("wrap", [lambda m: m, lambda m: {"a": [{"b": m}]}, lambda m: ({}, m)])
def test_money_in_the_contracts_form_never_gets_into_an_answer(wrap):
    with pytest.raises(TypeError):
        encode(wrap(Money(minor=1, currency="EUR")))


def test_what_has_no_json_form_is_a_mistake_of_ours():
    with pytest.raises(TypeError):
        encode({"set": object()})
