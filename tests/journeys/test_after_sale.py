"""From a paid order to the last refund: sent in parts, delivered, sent back, paid back."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.journeys.buyer import DEMO_PRODUCT, PATIENCE_SECONDS, Buyer

pytestmark = pytest.mark.xdist_group("journeys")


def bought(buyer: Buyer, quantity: int) -> Any:
    """A checkout's answer whose order is paid for by now."""
    placed = buyer.check_out(buyer.new_cart(quantity=quantity)).json()
    buyer.wait_for(placed, status="confirmed", payment_status="paid")
    return placed


def act(staff: Buyer, order: Any, path: str, body: Any, *, status: int = 201) -> Any:
    answer = staff.post(f"/orders/{order['id']}/{path}", body, key=str(uuid4()))
    assert answer.status_code == status, answer.text
    return answer.json()


def test_an_order_is_shipped_in_parts_delivered_sent_back_and_paid_back(buyer: Buyer, staff: Buyer) -> None:
    placed = bought(buyer, 3)
    order = placed["order"]
    token = order["access_token"]
    line = order["lines"][0]

    first = act(staff, order, "shipments/", {"items": [units(line, 1)], "carrier": "DHL", "tracking_number": "1"})
    assert (first["status"], first["fulfilment_status"]) == ("processing", "partial")
    too_late = buyer.post(f"/orders/{order['id']}/cancel/?token={token}", {})
    assert (too_late.status_code, too_late.json()["code"]) == (409, "invalid_transition")

    rest = act(staff, order, "shipments/", {"carrier": "UPS", "tracking_number": "1Z999"})
    assert (rest["status"], rest["fulfilment_status"]) == ("shipped", "fulfilled")
    for parcel in rest["shipments"]:
        after = act(staff, order, f"shipments/{parcel['id']}/deliver/", {}, status=200)
    assert after["status"] == "delivered"

    seen = buyer.order(placed)
    assert seen["allowed_actions"] == ["return", "invoice"]
    wish = {"items": [units(line, 2) | {"reason": "Too small"}]}
    wanted = buyer.post(f"/orders/{order['id']}/returns/?token={token}", wish)
    assert wanted.status_code == 201, wanted.text
    received = act(staff, order, f"returns/{wanted.json()['id']}/receive/", {}, status=200)
    assert received["status"] == "received"

    back = buyer.wait_for(placed, payment_status="partially_refunded")
    assert float(back["refunded_total"]["amount"]) == round(2 * float(line["unit_price"]["amount"]), 2)
    assert [line["refunded"] for line in back["lines"]] == [2]

    act(staff, order, "refunds/", {"items": [units(line, 1)], "shipping": True, "reason": "The last one broke"})
    done = buyer.wait_for(placed, payment_status="refunded")
    assert done["refunded_total"] == done["total"]
    payment = buyer.get(f"/payments/{placed['payment']['id']}/", token=token)
    assert (payment["status"], payment["refunded"]) == ("refunded", done["total"])


def test_an_order_is_shipped_from_each_location_that_its_stock_was_taken_from(buyer: Buyer, staff: Buyer) -> None:
    annexe = f"Annexe {uuid4()}"
    assert staff.post("/catalog/locations/", {"name": annexe}).status_code == 201
    slug, variant_id = plain_product(buyer)
    for place in ({"on_hand": 1}, {"on_hand": 2, "location": annexe}):
        taken = staff.post(f"/catalog/variants/{variant_id}/stock/", place | {"reason": "count"})
        assert taken.status_code == 200, taken.text
    placed = buyer.check_out(buyer.new_cart(quantity=3, slug=slug)).json()
    buyer.wait_for(placed, status="confirmed", payment_status="paid")
    order = placed["order"]

    there = {one["location"]["name"]: one for one in staff.get(f"/orders/{order['id']}/fulfilment/")["results"]}
    assert [item["quantity"] for item in there[annexe]["items"]] == [2]
    assert [[item["quantity"] for item in one["items"]] for name, one in there.items() if name != annexe] == [[1]]

    parcel = {"location_id": there[annexe]["location"]["id"], "carrier": "DHL", "tracking_number": "1"}
    shipped = act(staff, order, "shipments/", parcel)
    assert (shipped["status"], shipped["shipments"][0]["location"]) == ("processing", there[annexe]["location"])
    refused = staff.post(f"/orders/{order['id']}/shipments/", parcel)
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_quantity")
    [rest] = staff.get(f"/orders/{order['id']}/fulfilment/")["results"]
    parcel = {"location_id": rest["location"]["id"], "carrier": "DHL", "tracking_number": "2"}
    assert act(staff, order, "shipments/", parcel)["status"] == "shipped"


def test_a_part_of_an_order_is_called_off_and_never_sent(buyer: Buyer, staff: Buyer) -> None:
    placed = bought(buyer, 2)
    order = placed["order"]
    line = order["lines"][0]

    answer = buyer.post(
        f"/orders/{order['id']}/cancel/?token={order['access_token']}", {"items": [units(line, 1)]}, key=str(uuid4())
    )
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.json()["refunded_total"]) == ("confirmed", line["unit_price"])

    shipped = act(staff, order, "shipments/", {"carrier": "DHL", "tracking_number": "1"})
    assert (shipped["status"], shipped["shipments"][0]["items"]) == ("shipped", [units(line, 1)])


def test_an_order_is_edited_the_difference_paid_and_what_comes_back_exchanged(buyer: Buyer, staff: Buyer) -> None:
    placed = bought(buyer, 2)
    order = placed["order"]
    token, line = order["access_token"], order["lines"][0]
    goods = {"add": [{"variant_id": line["variant_id"], "quantity": 2}]}
    wish = goods | {"remove": [units(line, 1)], "payment": {"provider": "sandbox", "method": "sandbox_3ds"}}
    key = str(uuid4())

    shown = staff.post(f"/orders/{order['id']}/edits/?dry_run=true", wish, key=key)
    assert (shown.status_code, shown.json()["due"]) == (200, line["unit_price"]), shown.text
    begun = staff.post(f"/orders/{order['id']}/edits/", wish, key=key)
    assert (begun.status_code, begun.json()["edit"]["status"]) == (201, "waiting"), begun.text
    assert buyer.order(placed)["total"] == order["total"]
    parcel = {"carrier": "DHL", "tracking_number": "1"}
    refused = staff.post(f"/orders/{order['id']}/shipments/", parcel)
    assert (refused.status_code, refused.json()["code"]) == (409, "edit_open")

    payment_id = begun.json()["edit"]["payment_id"]
    assert buyer.post(f"/payments/{payment_id}/confirm/?token={token}", {}).status_code == 200
    edited = buyer.wait_for(placed, refunded_total=line["unit_price"])
    assert [(one["quantity"], one["refunded"]) for one in edited["lines"]] == [(2, 1), (2, 0)]
    wait_until(lambda: len(buyer.get(f"/orders/{order['id']}/invoices/", token=token)["results"]) == 2)

    shipped = act(staff, order, "shipments/", parcel)
    act(staff, order, f"shipments/{shipped['shipments'][0]['id']}/deliver/", {}, status=200)
    wanted = buyer.post(
        f"/orders/{order['id']}/returns/?token={token}", {"items": [units(line, 1) | {"reason": "Too small"}]}
    )
    even = {"add": [{"variant_id": line["variant_id"], "quantity": 1}]}
    exchanged = act(staff, order, f"returns/{wanted.json()['id']}/exchange/", even)
    assert (exchanged["edit"]["status"], exchanged["edit"]["due"]["amount"]) == ("applied", "0.00")
    assert buyer.order(placed)["status"] == "processing"
    assert act(staff, order, "shipments/", {"carrier": "DHL", "tracking_number": "2"})["status"] == "shipped"


def wait_until(is_so: Callable[[], bool]) -> None:
    """Until the relay has done what follows."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def plain_product(buyer: Buyer) -> tuple[str, str]:
    """A product that no other journey buys, and its variant that a cart takes."""
    slug = next(one["slug"] for one in buyer.get("/catalog/products/")["results"] if one["slug"] != DEMO_PRODUCT)
    return slug, buyer.get(f"/catalog/products/{slug}/")["variants"][0]["id"]


def units(line: Any, quantity: int) -> dict[str, Any]:
    return {"line_id": line["id"], "quantity": quantity}
