"""Finding orders: staff among all of them, a customer among his own."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.orders.logic import search
from modules.orders.logic.names import search_name
from modules.orders.models import Order, OrderLine
from modules.orders.tests.api.test_orders import client_of
from modules.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff() -> APIClient:
    return client_of(id=new_id(), is_staff=True, scopes=frozenset({"orders.read"}))


def order(*, name: str = "Ada Lovelace", company: str = "", sku: str = "SHIRT-M", **fields: Any) -> Order:
    address = {"full_name": name, "company": company, "line1": "1", "city": "B", "postal_code": "1", "country": "DE"}
    made = OrderFactory.create(shipping_address=address, search_name=search_name(address), **fields)
    OrderLine.objects.filter(order=made).update(sku=sku)
    return made


def found(client: APIClient, **query: Any) -> list[str]:
    answer = client.get("/api/v1/orders/", query)
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


@pytest.mark.parametrize(
    "text", ["100042", "ZOE@example.com", "LAMP-1", "zoë", "ZOE", "bronte zo", "obri", "müll", "mull gmb"]
)
def test_staff_find_an_order_by_number_address_sku_and_the_beginnings_of_names(staff: APIClient, text: str) -> None:
    order()
    order(name="Zoë Brontë O’Brien", company="Müller GmbH", number="100042", email="Zoe@Example.com", sku="LAMP-1")

    assert found(staff, search=text) == ["100042"]


@pytest.mark.parametrize(
    "text", ["10004", "zoe@example.co", "zoe@", "LAMP", "ronte", "zoe grey", "&", "zoe:*|ada", "'"]
)
def test_what_is_only_a_part_or_no_word_finds_nothing(staff: APIClient, text: str) -> None:
    order(name="Zoë Brontë", number="100042", email="zoe@example.com", sku="LAMP-1")

    assert found(staff, search=text) == []


def test_what_is_found_in_several_ways_is_found_once_newest_first(staff: APIClient) -> None:
    named = order(name="Lamp Lee")
    sold = order(sku="lamp")
    both = order(name="Lamp Lee", sku="lamp")

    assert found(staff, search="lamp") == [both.number, sold.number, named.number]


@pytest.mark.parametrize("text", ["lamp", "ada@example.com", "LAMP-1"])
@pytest.mark.parametrize("frequent", [1, 5_000])
def test_pages_of_a_search_hold_every_order_once_forwards_and_backwards(
    staff: APIClient, text: str, frequent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FREQUENT", frequent)
    orders = [order(name="Lamp Lee", sku="LAMP-1") for _ in range(5)]
    order(name="Grey", sku="OTHER", email="grey@example.com")
    numbers = [one.number for one in reversed(orders)]

    first = staff.get("/api/v1/orders/", {"search": text, "limit": "2"}).json()
    second = staff.get(first["next"]).json()
    third = staff.get(second["next"]).json()
    back = staff.get(third["previous"]).json()

    assert [row["number"] for page in (first, second, third) for row in page["results"]] == numbers
    assert (first["previous"], third["next"]) == (None, None)
    assert back["results"] == second["results"]


def test_a_search_is_narrowed_by_the_filters(staff: APIClient) -> None:
    now = clock.now()
    wanted = order(sku="LAMP-1", payment_status="failed", placed_at=now - timedelta(days=5))
    order(sku="LAMP-1")
    order(sku="LAMP-1", payment_status="failed", placed_at=now)
    order(sku="LAMP-1", status="cancelled", payment_status="failed", placed_at=now - timedelta(days=5))
    since, until = ((now - timedelta(days=days)).isoformat() for days in (6, 4))
    filters = {"status": "pending", "payment_status": "failed", "placed_after": since, "placed_before": until}

    for text in ("LAMP-1", "lovelace", "ada@example.com"):
        assert found(staff, search=text, **filters) == [wanted.number]
    assert found(staff, **filters) == [wanted.number]


def test_orders_are_listed_by_how_far_they_are_paid_and_sent(staff: APIClient) -> None:
    paid = order(payment_status="paid")
    sent = order(payment_status="paid", fulfilment_status="partial")

    assert found(staff, payment_status="paid") == [sent.number, paid.number]
    assert found(staff, fulfilment_status="partial") == [sent.number]
    assert staff.get("/api/v1/orders/?payment_status=nonsense").status_code == 400


def test_what_is_still_in_checkout_is_never_found(staff: APIClient) -> None:
    order(status="opening", number=None, placed_at=None)

    for text in ("SHIRT-M", "lovelace", "ada@example.com"):
        assert found(staff, search=text) == []


def test_a_customer_searches_among_his_own_orders_alone() -> None:
    owner = new_id()
    own = order(customer_id=owner, number="100042")
    order(number="100043")

    for text in ("100042", "ada@example.com", "SHIRT-M", "love"):
        assert found(client_of(id=owner), search=text) == [own.number]
    assert found(client_of(id=owner), search="100043") == []


@pytest.mark.parametrize(("text", "number"), [("ada@example.com", 5), ("SHIRT-M", 6)])
def test_a_search_costs_as_many_statements_however_much_it_finds(staff: APIClient, text: str, number: int) -> None:
    for _ in range(3):
        order()

    with statements() as sql:
        assert len(found(staff, search=text)) == 3

    assert len(sql) == number, "\n".join(sql)


def test_a_search_s_cursor_serves_no_other_list(staff: APIClient) -> None:
    for _ in range(2):
        order()
    following = staff.get("/api/v1/orders/?search=ada&limit=1").json()["next"]

    answer = staff.get(following.replace("search=ada", "search=zoe"))

    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_mismatch")
