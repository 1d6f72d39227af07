"""Sending and delivering over HTTP."""

from typing import Any

import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.models import Order, OrderLine, Shipment, TimelineEntry
from modules.orders.tests.api.after_sale import client_of, deliver, line_of, paid_order, post, ship, staff
from modules.orders.tests.world import SHIRT, World

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_that_is_left_is_shipped_and_delivered(shop: World) -> None:
    order = paid_order(shop, customer_id=new_id())

    shipped = post(staff(), order, "shipments/", {"carrier": "DHL", "tracking_number": "00340434161094021501"})

    assert shipped.status_code == 201, shipped.content
    answer = shipped.json()
    assert (answer["status"], answer["fulfilment_status"]) == ("shipped", "fulfilled")
    assert answer["allowed_actions"] == ["deliver", "refund", "invoice"]
    [parcel] = answer["shipments"]
    assert parcel | {"id": "", "shipped_at": ""} == {
        "id": "",
        "status": "shipped",
        "carrier": "DHL",
        "tracking_number": "00340434161094021501",
        "tracking_url": "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html"
        "?piececode=00340434161094021501",
        "items": [{"line_id": line_of(order), "quantity": 2}],
        "location": None,
        "shipped_at": "",
        "delivered_at": None,
    }
    assert answer["lines"][0]["fulfilled"] == 2

    delivered = post(staff(), order, f"shipments/{parcel['id']}/deliver/")
    assert (delivered.status_code, delivered.json()["status"]) == (200, "delivered")
    assert delivered.json()["delivered_at"] is not None
    assert [entry["event"] for entry in delivered.json()["timeline"]] == [
        "placed",
        "shipment_sent",
        "shipped",
        "shipment_delivered",
        "delivered",
    ]
    assert announced() == ["orders.OrderShipped", "orders.OrderDelivered"]

    again = post(staff(), order, f"shipments/{parcel['id']}/deliver/")
    assert (again.status_code, again.json()) == (200, delivered.json())
    assert announced() == ["orders.OrderShipped", "orders.OrderDelivered"]


def test_a_delivered_order_lets_its_buyer_review_what_he_has(shop: World) -> None:
    owner = new_id()
    order = paid_order(shop, customer_id=owner)

    ship(order)
    relay_until_quiet()
    assert shop.names() == []

    deliver(order)
    relay_until_quiet()
    # Notifications asks as well, where it is installed: for the request to review.
    reviews = [asked for asked in shop.asked if asked[0] == "allow_reviews"]
    assert reviews == [("allow_reviews", {"customer_id": str(owner), "variant_ids": [str(SHIRT)]})]


def test_an_order_is_sent_in_parts(shop: World) -> None:
    order = paid_order(shop)

    first = ship(order, 1)
    assert (first.json()["status"], first.json()["fulfilment_status"]) == ("processing", "partial")
    assert first.json()["allowed_actions"] == ["cancel", "ship", "deliver", "refund", "invoice"]
    deliver(order)
    order.refresh_from_db()
    assert order.status == "processing"

    second = ship(order)
    assert (second.json()["status"], second.json()["fulfilment_status"]) == ("shipped", "fulfilled")
    assert [parcel["items"][0]["quantity"] for parcel in second.json()["shipments"]] == [1, 1]
    deliver(order)
    order.refresh_from_db()
    assert order.status == "delivered"


def test_more_than_is_left_is_not_shipped(shop: World) -> None:
    order = paid_order(shop)
    line_id = line_of(order)
    ship(order, 1)

    refused = ship(order, 2)

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_quantity")
    assert refused.json()["lines"] == [{"line_id": line_id, "sku": "SHIRT-M", "requested": 2, "available": 1}]
    assert (Shipment.objects.count(), OrderLine.objects.get(pk=line_id).fulfilled) == (1, 1)


def test_a_line_that_is_named_twice_is_shipped_in_sum(shop: World) -> None:
    order = paid_order(shop)
    twice = [{"line_id": line_of(order), "quantity": 1}] * 2

    shipped = post(staff(), order, "shipments/", {"items": twice, "carrier": "UPS", "tracking_number": "1Z"})

    assert shipped.json()["shipments"][0]["items"] == [{"line_id": line_of(order), "quantity": 2}]


def test_lines_of_other_orders_are_unknown(shop: World) -> None:
    order, other = paid_order(shop), paid_order(shop)
    items = [{"line_id": line_of(other), "quantity": 1}]

    refused = post(staff(), order, "shipments/", {"items": items, "carrier": "DHL", "tracking_number": "1"})

    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_line")
    assert refused.json()["line_ids"] == [line_of(other)]
    assert not Shipment.objects.exists()


@pytest.mark.parametrize("status", ["pending", "shipped", "delivered", "cancelled", "expired"])
def test_only_a_confirmed_order_is_shipped(shop: World, status: str) -> None:
    order = paid_order(shop, status=status)

    refused = ship(order)

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    assert (refused.json()["status"], Shipment.objects.count()) == (status, 0) or refused.json()["status"] == 409
    assert TimelineEntry.objects.filter(order=order).count() == 1


def test_only_staff_who_may_write_orders_ship_them(shop: World) -> None:
    owner = new_id()
    order = paid_order(shop, customer_id=owner)
    body = {"carrier": "DHL", "tracking_number": "1"}

    assert post(client_of(id=owner), order, "shipments/", body).status_code == 403
    assert post(staff("orders.read"), order, "shipments/", body).status_code == 403
    assert staff().post(f"/api/v1/orders/{new_id()}/shipments/", body).status_code == 404
    assert post(staff(), order, f"shipments/{new_id()}/deliver/").json()["code"] == "not_found"
    assert not Shipment.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"carrier": "DHL"}, "tracking_number"),
        ({"carrier": "DHL", "tracking_number": "1", "items": []}, "items"),
        ({"carrier": "DHL", "tracking_number": "1", "status": "shipped"}, "status"),
        ({"carrier": "DHL", "tracking_number": "1", "items": [{"line_id": str(new_id()), "quantity": 0}]}, "items"),
    ],
)
def test_bad_bodies_ship_nothing(shop: World, body: dict[str, Any], field: str) -> None:
    order = paid_order(shop)

    refused = post(staff(), order, "shipments/", body)

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"].startswith(field)
    assert Order.objects.get(pk=order.pk).status == "confirmed"


def test_repeating_a_key_ships_once(shop: World) -> None:
    order, client = paid_order(shop), staff()
    items = [{"line_id": line_of(order), "quantity": 1}]
    body = {"items": items, "carrier": "DHL", "tracking_number": "1"}

    answers = [post(client, order, "shipments/", body, key="once") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert Shipment.objects.count() == 1


def announced() -> list[str]:
    return list(OutboxEvent.objects.order_by("position").values_list("name", flat=True))
