"""From which location an order is still to be shipped, and parcels that leave from one, over HTTP."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.orders.api.after_sale_serializers import FulfilmentSerializer
from modules.orders.models import Order, OrderLine, Shipment
from modules.orders.tests.api.after_sale import add_line, client_of, line_of, paid_order, post, ship, staff
from modules.orders.tests.world import LOCATIONS, World

pytestmark = pytest.mark.django_db(transaction=True)

MAIN, AACHEN = ({"id": str(LOCATIONS[name]), "name": name} for name in ("Main", "Aachen"))


def split_order(shop: World, **fields: Any) -> Order:
    """Five shirts, three of which were taken from the main location and two from Aachen."""
    order = paid_order(shop, **fields)
    order.lines.update(quantity=5)
    shop.take(order.stock_reference, Main=3, Aachen=2)
    return order


def left(order: Order, *scopes: str) -> Any:
    return staff(*scopes or ("orders.read",)).get(f"/api/v1/orders/{order.pk}/fulfilment/")


def places(order: Order) -> dict[str | None, int]:
    """How many units of the first line are left at each location."""
    answer = left(order)
    assert answer.status_code == 200, answer.content
    return {
        one["location"] and one["location"]["name"]: item["quantity"]
        for one in answer.json()["results"]
        for item in one["items"]
        if item["line_id"] == line_of(order)
    }


def ship_from(order: Order, name: str, quantity: int | None = None, **body: Any) -> Any:
    """Send so many units of the first line from a location, or all that is left there."""
    items = {} if quantity is None else {"items": [{"line_id": line_of(order), "quantity": quantity}]}
    parcel = {"carrier": "DHL", "tracking_number": "1", "location_id": str(LOCATIONS[name])}
    return post(staff(), order, "shipments/", parcel | items, **body)


def test_what_is_left_is_told_by_the_location_it_was_taken_from(shop: World) -> None:
    order = split_order(shop)
    hat = add_line(order, sku="HAT-1", title="Hat", quantity=1)
    shop.take(order.stock_reference, hat.variant_id, Aachen=1)
    # Of another order.
    shop.take(new_id(), Zurich=9)

    answer = left(order)

    shirt = {"line_id": line_of(order), "sku": "SHIRT-M", "title": "Shirt"}
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "results": [
                {"location": MAIN, "items": [shirt | {"quantity": 3}]},
                {
                    "location": AACHEN,
                    "items": [
                        shirt | {"quantity": 2},
                        {"line_id": str(hat.pk), "sku": "HAT-1", "title": "Hat", "quantity": 1},
                    ],
                },
            ]
        },
    )
    FulfilmentSerializer(data=answer.json()).is_valid(raise_exception=True)
    assert shop.asked == [("find_allocations", {"order_ids": [str(order.stock_reference)]})]


def test_what_is_shipped_and_cancelled_is_not_left(shop: World) -> None:
    order = split_order(shop)

    ship_from(order, "Aachen", 1)
    assert places(order) == {"Main": 3, "Aachen": 1}
    ship(order, 1)
    assert places(order) == {"Main": 2, "Aachen": 1}
    order.lines.update(cancelled=1, refunded=1)
    assert places(order) == {"Main": 1, "Aachen": 1}
    ship(order)
    assert left(order).json() == {"results": []}


def test_what_was_sold_elsewhere_lies_nobody_knows_where_and_catalog_is_not_asked(shop: World) -> None:
    order = paid_order(shop, is_imported=True, payment_id=None)

    assert (places(order), shop.asked) == ({None: 2}, [])


@pytest.mark.parametrize("status", ["cancelled", "expired"])
def test_of_an_order_that_has_ended_nothing_is_left_to_ship(shop: World, status: str) -> None:
    order = split_order(shop, status=status)

    assert left(order).json() == {"results": []}


def test_where_a_pending_orders_stock_is_held_is_told(shop: World) -> None:
    assert places(split_order(shop, status="pending")) == {"Main": 3, "Aachen": 2}


def test_only_staff_who_may_read_orders_see_it(shop: World) -> None:
    owner = new_id()
    order = split_order(shop, customer_id=owner)

    assert client_of(id=owner).get(f"/api/v1/orders/{order.pk}/fulfilment/").status_code == 403
    assert APIClient().get(f"/api/v1/orders/{order.pk}/fulfilment/").status_code == 401
    assert left(order, "catalog.read").status_code == 403
    assert staff("orders.read").get(f"/api/v1/orders/{new_id()}/fulfilment/").status_code == 404
    assert shop.asked == []


def test_without_catalog_it_is_not_known_and_a_parcel_does_not_leave_from_a_location(shop: World) -> None:
    order = split_order(shop)
    shop.refuse["find_allocations"] = Unavailable("catalog does not answer.", dependency="catalog")

    for answer in (left(order), ship_from(order, "Main")):
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "catalog" in answer.json()["detail"]
    assert not Shipment.objects.exists()
    assert ship(order).status_code == 201


def test_it_takes_as_few_statements_however_long_the_order_is(shop: World) -> None:
    def asked(count: int) -> int:
        order = split_order(shop)
        for _ in range(count):
            shop.take(order.stock_reference, add_line(order).variant_id, Main=1, Aachen=1)
            ship_from(order, "Aachen", 1)
        client = staff("orders.read")
        with statements() as sql:
            assert client.get(f"/api/v1/orders/{order.pk}/fulfilment/").status_code == 200
        return len(sql)

    assert asked(1) == asked(2) == 4


def test_all_that_is_left_at_a_location_is_shipped(shop: World) -> None:
    order = split_order(shop)
    hat = add_line(order, quantity=1)
    shop.take(order.stock_reference, hat.variant_id, Aachen=1)

    first = ship_from(order, "Aachen")

    assert first.status_code == 201, first.content
    [parcel] = first.json()["shipments"]
    assert parcel["location"] == AACHEN
    items = [{"line_id": line_of(order), "quantity": 2}, {"line_id": str(hat.pk), "quantity": 1}]
    assert sorted(parcel["items"], key=str) == sorted(items, key=str)
    assert (first.json()["status"], places(order)) == ("processing", {"Main": 3})

    rest = ship_from(order, "Main")
    assert [one["location"] for one in rest.json()["shipments"]] == [AACHEN, MAIN]
    assert (rest.json()["status"], left(order).json()) == ("shipped", {"results": []})


def test_a_shipment_keeps_the_name_that_its_location_had(shop: World) -> None:
    order = split_order(shop)
    ship_from(order, "Aachen")
    shop.taken.clear()
    shop.take(order.stock_reference, Main=5)

    [parcel] = staff("orders.read").get(f"/api/v1/orders/{order.pk}/").json()["shipments"]

    assert parcel["location"] == AACHEN


def test_of_named_items_a_location_sends_what_is_left_there_and_no_more(shop: World) -> None:
    order = split_order(shop)

    refused = ship_from(order, "Aachen", 3)

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_quantity")
    short = {"line_id": line_of(order), "sku": "SHIRT-M", "requested": 3, "available": 2}
    assert refused.json()["lines"] == [short]
    assert (Shipment.objects.count(), OrderLine.objects.get(order=order).fulfilled) == (0, 0)

    sent = ship_from(order, "Aachen", 1)
    assert (sent.status_code, places(order)) == (201, {"Main": 3, "Aachen": 1})


@pytest.mark.parametrize("quantity", [None, 1])
def test_from_where_nothing_is_left_nothing_is_shipped(shop: World, quantity: int | None) -> None:
    order = split_order(shop)
    ship_from(order, "Aachen")

    answers = [ship_from(order, name, quantity) for name in ("Aachen", "Zurich")]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "invalid_quantity")] * 2
    assert Shipment.objects.count() == 1


def test_what_left_while_catalog_was_asked_is_not_shipped_again(shop: World) -> None:
    order = split_order(shop)
    shop.meanwhile["find_allocations"] = lambda: ship_from(order, "Aachen", 1)

    refused = ship_from(order, "Aachen", 2)

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_quantity")
    assert refused.json()["lines"][0]["available"] == 1
    assert Shipment.objects.count() == 1


def test_stock_that_was_taken_anew_while_catalog_was_asked_is_not_taken_for_the_old(shop: World) -> None:
    order, again = split_order(shop), new_id()
    shop.take(again, Zurich=5)
    shop.meanwhile["find_allocations"] = lambda: Order.objects.filter(pk=order.pk).update(stock_reference=again)

    assert ship_from(order, "Aachen").json()["code"] == "invalid_quantity"
    assert ship_from(order, "Zurich").json()["status"] == "shipped"


def test_an_order_that_may_not_be_shipped_is_not_shipped_from_a_location(shop: World) -> None:
    order = split_order(shop, status="pending")

    assert ship_from(order, "Main").json()["code"] == "invalid_transition"
    assert not Shipment.objects.exists()


def test_repeating_a_key_ships_once(shop: World) -> None:
    order, client = split_order(shop), staff()
    body = {"carrier": "DHL", "tracking_number": "1", "location_id": AACHEN["id"]}

    answers = [post(client, order, "shipments/", body, key="once") for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert (Shipment.objects.count(), places(order)) == (1, {"Main": 3})


def test_a_location_that_is_no_id_is_refused(shop: World) -> None:
    body = {"carrier": "DHL", "tracking_number": "1", "location_id": "Aachen"}

    refused = post(staff(), split_order(shop), "shipments/", body)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "location_id")


def test_a_location_is_never_kept_without_its_name(shop: World) -> None:
    order = split_order(shop)
    ship_from(order, "Aachen")

    for half in ({"location_id": None}, {"location_name": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Shipment.objects.filter(order=order).update(**half)
