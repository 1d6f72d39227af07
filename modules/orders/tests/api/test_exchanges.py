"""Exchanges of what comes back, over HTTP."""

from typing import Any

import pytest

from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.models import EditLine, Order
from modules.orders.tests.api.after_sale import deliver, line_of, post, ship, staff
from modules.orders.tests.api.editing import add, amounts, documents, figures, pay, seen
from modules.orders.tests.documents import invoiced_order
from modules.orders.tests.logic.test_invariants import broken
from modules.orders.tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def sent_back(shop: World, quantity: int = 1) -> tuple[Order, str]:
    """A delivered order, and its buyer's wish to return some of it."""
    order = invoiced_order(shop)
    ship(order)
    deliver(order)
    wish = {"items": [{"line_id": line_of(order), "quantity": quantity, "reason": "too small"}]}
    return order, post(staff(), order, "returns/", wish).json()["id"]


def exchange(order: Order, return_id: str, body: dict[str, Any], *, key: str = "key", dry: bool = False) -> Any:
    path = f"returns/{return_id}/exchange/" + ("?dry_run=true" if dry else "")
    return post(staff(), order, path, body, key=key)


def test_what_comes_back_is_exchanged_for_another_size(shop: World) -> None:
    order, return_id = sent_back(shop)
    larger = add((shop.put_on_sale(minor=1999, sku="SHIRT-L"), 1))
    assert figures(exchange(order, return_id, larger, dry=True))["due"] == "0.00"
    shop.asked.clear()

    answer = exchange(order, return_id, larger)
    relay_until_quiet()

    assert answer.status_code == 201, answer.content
    assert (answer.json()["edit"]["status"], answer.json()["edit"]["return_id"]) == ("applied", return_id)
    found = seen(order)
    assert (found["status"], found["fulfilment_status"]) == ("processing", "partial")
    assert shop.names().count("return_stock") == 1
    assert not [name for name in shop.names() if name.startswith(("refund", "start"))]
    returned = staff().get(f"/api/v1/orders/{order.pk}/returns/").json()["results"]
    assert [one["status"] for one in returned] == ["received"]

    assert ship(order).json()["status"] == "shipped"
    deliver(order)
    relay_until_quiet()
    assert seen(order)["status"] == "delivered"
    assert documents() == [("invoice", 4488, 716), ("invoice", 1999, 319), ("credit_note", 1999, 319)]
    # What was sent instead may come back in its turn.
    [_, line] = seen(order)["lines"]
    again = {"items": [{"line_id": line["id"], "quantity": 1, "reason": "too large"}]}
    assert post(staff(), order, "returns/", again).status_code == 201
    assert broken() == []


def test_for_something_dearer_the_return_waits_for_the_difference(shop: World) -> None:
    order, return_id = sent_back(shop)
    body = add((shop.put_on_sale(minor=5000, sku="COAT"), 1)) | {"restock": False}

    assert exchange(order, return_id, body).json()["edit"]["status"] == "waiting"
    assert seen(order)["status"] == "delivered"
    for path in ("receive/", "reject/"):
        answer = post(staff(), order, f"returns/{return_id}/{path}", key=path)
        assert (answer.status_code, answer.json()["code"]) == (409, "edit_open")

    pay(shop)
    assert seen(order)["status"] == "processing"
    assert "return_stock" not in shop.names()
    assert amounts(order) == ("94.88", "15.14", "19.99", "partially_refunded")
    assert broken() == []


def test_an_exchange_that_was_not_paid_leaves_a_return_as_any_other(shop: World) -> None:
    order, return_id = sent_back(shop)
    edit_id = exchange(order, return_id, add((shop.put_on_sale(minor=5000), 1))).json()["edit"]["id"]
    post(staff(), order, f"edits/{edit_id}/call-off/")
    relay_until_quiet()

    assert post(staff(), order, f"returns/{return_id}/receive/", key="receive").json()["status"] == "received"
    assert amounts(order) == ("44.88", "7.16", "19.99", "partially_refunded")


def test_for_something_cheaper_the_rest_goes_back(shop: World) -> None:
    order, return_id = sent_back(shop, 2)
    exchange(order, return_id, add((shop.put_on_sale(minor=1000), 1)))
    relay_until_quiet()
    assert shop.payments[order.pk].refunded.minor == 2998
    assert seen(order)["fulfilment_status"] == "partial"
    assert broken() == []


def test_a_return_that_has_ended_is_not_exchanged(shop: World) -> None:
    order, return_id = sent_back(shop)
    goods = add((shop.put_on_sale(), 1))
    post(staff(), order, f"returns/{return_id}/reject/")
    assert exchange(order, return_id, goods).json()["code"] == "invalid_transition"
    other = exchange(order, "01920000-0000-7000-8000-000000000009", goods)
    assert other.status_code == 404
    assert not EditLine.objects.exists()
