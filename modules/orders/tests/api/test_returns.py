"""Sending things back over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent
from modules.orders.logic.tokens import access_token
from modules.orders.models import Order, OrderLine, Refund, Return
from modules.orders.tests.api.after_sale import client_of, deliver, line_of, paid_order, post, ship, staff
from modules.orders.tests.world import SHIRT, World
from modules.payments.contracts import RefundRefused

pytestmark = pytest.mark.django_db(transaction=True)

GUEST = APIClient()


def delivered_order(shop: World, **fields: Any) -> Order:
    order = paid_order(shop, **fields)
    ship(order)
    deliver(order)
    order.refresh_from_db()
    return order


def ask(order: Order, quantity: int = 1, *, client: APIClient | None = None, key: str | None = None) -> Any:
    items = [{"line_id": line_of(order), "quantity": quantity, "reason": "Too small"}]
    token = "" if client else f"?token={access_token(order.pk, order.token_generation)}"
    return post(client or GUEST, order, f"returns/{token}", {"items": items}, key=key)


def receive(
    order: Order, return_id: str, body: Any = None, *, key: str = "key", client: APIClient | None = None
) -> Any:
    return post(client or staff(), order, f"returns/{return_id}/receive/", body, key=key)


def decide(order: Order, return_id: str, what: str, body: Any = None) -> Any:
    return post(staff(), order, f"returns/{return_id}/{what}/", body)


def announced() -> list[str]:
    return list(OutboxEvent.objects.filter(name__contains="Return").order_by("position").values_list("name", flat=True))


def test_a_guest_sends_something_back(shop: World) -> None:
    order = delivered_order(shop)

    asked = ask(order)
    assert asked.status_code == 201, asked.content
    assert asked.json()["status"] == "requested"
    assert asked.json()["items"] == [{"line_id": line_of(order), "quantity": 1, "reason": "Too small"}]
    assert decide(order, asked.json()["id"], "approve").json()["status"] == "approved"
    assert shop.names() == []

    received = receive(order, asked.json()["id"])

    assert (received.status_code, received.json()["status"]) == (200, "received")
    assert shop.names() == ["return_stock", "refund_order"]
    [back] = [arguments for name, arguments in shop.asked if name == "return_stock"]
    assert back == {"reference": asked.json()["id"], "lines": [{"variant_id": str(SHIRT), "quantity": 1}]}
    made = Refund.objects.get()
    assert (made.status, made.amount_minor, made.tax_minor, made.shipping_minor) == ("succeeded", 1999, 319, 0)
    order.refresh_from_db()
    assert (order.status, order.fulfilment_status, order.refunded_minor) == ("delivered", "fulfilled", 1999)
    assert announced() == ["orders.ReturnRequested", "orders.ReturnReceived"]


def test_when_everything_is_back_the_order_says_so(shop: World) -> None:
    order = delivered_order(shop)

    receive(order, ask(order, 2).json()["id"])

    order.refresh_from_db()
    assert (order.fulfilment_status, order.payment_status, order.refunded_minor) == (
        "returned",
        "partially_refunded",
        3998,
    )
    assert ask(order).json()["code"] == "invalid_quantity"


def test_what_is_broken_does_not_go_on_the_shelf(shop: World) -> None:
    order = delivered_order(shop)

    receive(order, ask(order).json()["id"], {"restock": False})

    assert shop.names() == ["refund_order"]


def test_what_is_rejected_is_not_paid_back_and_may_be_asked_for_again(shop: World) -> None:
    order = delivered_order(shop)
    return_id = ask(order, 2).json()["id"]

    rejected = decide(order, return_id, "reject", {"reason": "Worn"})

    assert (rejected.json()["status"], rejected.json()["answer"]) == ("rejected", "Worn")
    assert decide(order, return_id, "reject").json() == rejected.json()
    assert receive(order, return_id).json()["code"] == "invalid_transition"
    assert decide(order, return_id, "approve").json()["code"] == "invalid_transition"
    assert (shop.names(), Refund.objects.count()) == ([], 0)
    assert announced() == ["orders.ReturnRequested", "orders.ReturnRejected"]
    assert ask(order, 2).status_code == 201


def test_receiving_twice_pays_once(shop: World) -> None:
    order = delivered_order(shop)
    return_id, client = ask(order).json()["id"], staff()

    answers = [receive(order, return_id, key=key, client=client) for key in ("one", "one", "two")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert list(shop.refunds.values()) == [1999]
    assert shop.names() == ["return_stock", "refund_order"]
    assert announced() == ["orders.ReturnRequested", "orders.ReturnReceived"]


def test_no_unit_is_sent_back_twice(shop: World) -> None:
    order = delivered_order(shop)
    receive(order, ask(order).json()["id"])
    ask(order)

    refused = ask(order)

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_quantity")
    assert refused.json()["lines"][0]["available"] == 0
    assert Return.objects.count() == 2


def test_what_staff_gave_back_already_is_not_given_back_again(shop: World) -> None:
    order = delivered_order(shop)
    return_id = ask(order, 2).json()["id"]
    items = [{"line_id": line_of(order), "quantity": 2}]
    assert post(staff(), order, "refunds/", {"items": items, "reason": "late"}, key="k").status_code == 201

    received = receive(order, return_id)

    assert (received.status_code, received.json()["status"]) == (200, "received")
    assert list(shop.refunds.values()) == [3998]
    assert OrderLine.objects.get(order=order).refunded == 2
    # It is here, so it goes on the shelf.
    assert shop.names() == ["refund_order", "return_stock"]


def test_after_its_time_only_staff_take_it_back(shop: World) -> None:
    order = delivered_order(shop)
    Order.objects.filter(pk=order.pk).update(delivered_at=clock.now() - timedelta(days=30, seconds=1))

    refused = ask(order)
    assert (refused.status_code, refused.json()["code"]) == (409, "return_period_over")
    assert not Return.objects.exists()
    seen = GUEST.get(f"/api/v1/orders/{order.pk}/?token={access_token(order.pk, 1)}").json()
    assert seen["allowed_actions"] == ["invoice"]

    with override_settings(RETURN_DAYS=31):
        assert ask(order).status_code == 201
    assert ask(order, client=staff()).status_code == 201


@pytest.mark.parametrize("status", ["pending", "confirmed", "processing", "shipped", "cancelled"])
def test_only_what_has_arrived_is_sent_back(shop: World, status: str) -> None:
    order = paid_order(shop, status=status)

    refused = ask(order)

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    assert not Return.objects.exists()


def test_who_may_do_what(shop: World) -> None:
    owner = new_id()
    order = delivered_order(shop, customer_id=owner)
    mine, other = client_of(id=owner), client_of(id=new_id())
    return_id = ask(order, client=mine).json()["id"]

    assert ask(order, client=other).status_code == 404
    assert ask(order, client=staff("orders.read")).status_code == 403
    assert receive(order, return_id, client=mine).status_code == 403
    assert receive(order, return_id, client=staff("orders.write")).status_code == 403
    assert post(mine, order, f"returns/{return_id}/approve/").status_code == 403
    assert post(staff(), order, f"returns/{return_id}/receive/").json()["code"] == "idempotency_key_required"
    assert receive(order, str(new_id())).status_code == 404
    assert decide(delivered_order(shop), return_id, "approve").status_code == 404
    listed = mine.get(f"/api/v1/orders/{order.pk}/returns/").json()["results"]
    assert [(one["id"], one["status"]) for one in listed] == [(return_id, "requested")]
    assert other.get(f"/api/v1/orders/{order.pk}/returns/").status_code == 404


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([], "items"),
        ([{"quantity": 1, "reason": "x"}], "items.0.line_id"),
        ([{"line_id": str(new_id()), "quantity": 1}], "items.0.reason"),
        ([{"line_id": str(new_id()), "quantity": 0, "reason": "x"}], "items.0.quantity"),
    ],
)
def test_bad_bodies_ask_for_nothing(shop: World, items: Any, field: str) -> None:
    order = delivered_order(shop)

    refused = post(staff(), order, "returns/", {"items": items})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)
    assert not Return.objects.exists()


def test_repeating_a_key_asks_once(shop: World) -> None:
    order = delivered_order(shop)

    answers = [ask(order, key="once") for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert Return.objects.count() == 1


def test_a_return_whose_refund_is_refused_is_received_all_the_same(shop: World) -> None:
    order = delivered_order(shop)
    return_id = ask(order).json()["id"]
    shop.refuse["refund_order"] = RefundRefused()

    received = receive(order, return_id)

    assert (received.status_code, received.json()["status"]) == (200, "received")
    assert (Refund.objects.get().status, OrderLine.objects.get(order=order).refunded) == ("failed", 0)
    assert order.timeline.latest("id").event == "refund_failed"
    assert shop.names() == ["return_stock", "refund_order"]


def test_while_catalog_is_away_a_return_waits(shop: World) -> None:
    order = delivered_order(shop)
    return_id = ask(order).json()["id"]
    shop.refuse["return_stock"] = Unavailable(dependency="catalog")

    refused = receive(order, return_id)

    assert (refused.status_code, refused.json()["dependency"]) == (503, "catalog")
    assert Return.objects.get().status == "received"
    assert (Refund.objects.get().status, shop.refunds) == ("pending", {})
