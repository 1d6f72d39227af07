"""Giving money back over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Saga, Step
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.models import Order, OrderLine, Refund, RefundItem
from modules.orders.tests.api.after_sale import add_line, client_of, deliver, line_of, paid_order, post, ship, staff
from modules.orders.tests.world import SHIRT, World
from modules.payments.contracts import RefundExceedsCaptured, RefundRefused

pytestmark = pytest.mark.django_db(transaction=True)


def money(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def refund(order: Order, body: dict[str, Any], *, key: str = "key", **changes: Any) -> Any:
    return post(changes.get("client") or staff(), order, "refunds/", {"reason": "broken"} | body, key=key)


def units(order: Order, quantity: int) -> dict[str, Any]:
    return {"items": [{"line_id": line_of(order), "quantity": quantity}]}


def asked_refunds(shop: World) -> list[dict[str, Any]]:
    return [arguments for name, arguments in shop.asked if name == "refund_order"]


def test_an_amount_is_given_back_with_its_share_of_the_tax(shop: World) -> None:
    order = paid_order(shop)

    answer = refund(order, {"amount": money("10.00")})

    assert answer.status_code == 201, answer.content
    assert (answer.json()["refunded_total"], answer.json()["payment_status"]) == (money("10.00"), "partially_refunded")
    assert answer.json()["status"] == "confirmed"
    made = Refund.objects.get()
    # 10.00 of 44.88 over 39.98 (tax 6.38) and 4.90 (tax 0.78): 8.91 and 1.09.
    assert (made.status, made.amount_minor, made.tax_minor) == ("succeeded", 1000, 142 + 17)
    assert (made.shipping_minor, made.shipping_tax_minor) == (109, 17)
    assert list(RefundItem.objects.values_list("quantity", "cancelled", "amount_minor", "tax_minor")) == [
        (0, 0, 891, 142)
    ]
    [asked] = asked_refunds(shop)
    assert asked["reference"] == str(made.pk)
    assert {part: value["minor"] for part, value in asked["split"].items()} == {
        "sales": 749,
        "tax": 159,
        "shipping": 92,
    }
    assert "return_stock" not in shop.names()


def test_units_are_given_back_and_never_shipped(shop: World) -> None:
    order = paid_order(shop)

    answer = refund(order, units(order, 1) | {"restock": True})

    assert answer.json()["refunded_total"] == money("19.99")
    line = OrderLine.objects.get(order=order)
    assert (line.refunded, line.cancelled, line.fulfilled) == (1, 1, 0)
    assert shop.names() == ["refund_order", "return_stock"]
    assert shop.asked[-1][1]["lines"] == [{"variant_id": str(SHIRT), "quantity": 1}]

    shipped = ship(order)
    assert shipped.json()["status"] == "shipped"
    assert shipped.json()["shipments"][0]["items"][0]["quantity"] == 1


def test_units_that_were_shipped_are_not_cancelled(shop: World) -> None:
    order = paid_order(shop)
    ship(order)
    deliver(order)

    answer = refund(order, units(order, 2) | {"shipping": True})

    assert (answer.json()["refunded_total"], answer.json()["payment_status"]) == (money("44.88"), "refunded")
    assert answer.json()["status"] == "delivered"
    line = OrderLine.objects.get(order=order)
    assert (line.refunded, line.cancelled) == (2, 0)
    assert Refund.objects.get().tax_minor == 716


def test_shipping_alone_is_given_back_once(shop: World) -> None:
    order = paid_order(shop)

    assert refund(order, {"shipping": True}).json()["refunded_total"] == money("4.90")
    again = refund(order, {"shipping": True}, key="again")

    assert again.json()["refunded_total"] == money("4.90")
    assert list(Refund.objects.order_by("id").values_list("shipping_minor", flat=True)) == [490, 0]


def test_with_the_last_units_that_wait_the_order_is_shipped(shop: World) -> None:
    order = paid_order(shop)
    ship(order, 1)
    deliver(order)

    answer = refund(order, units(order, 1))

    assert (answer.json()["status"], answer.json()["fulfilment_status"]) == ("delivered", "fulfilled")


def test_what_leaves_nothing_to_ship_is_a_cancellation(shop: World) -> None:
    order = paid_order(shop)

    refused = refund(order, units(order, 2))

    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_left_to_ship")
    assert not Refund.objects.exists()
    assert OrderLine.objects.get(order=order).refunded == 0
    assert shop.names() == []


def test_never_more_than_was_captured(shop: World) -> None:
    order = paid_order(shop)
    refund(order, {"amount": money("40.00")})

    refused = refund(order, {"amount": money("4.89")}, key="other")

    assert (refused.status_code, refused.json()["code"]) == (409, "refund_exceeds_captured")
    assert (refused.json()["requested"], refused.json()["available"]) == (489, 488)
    assert Refund.objects.count() == 1
    assert Order.objects.get(pk=order.pk).refunded_minor == 4000


def test_more_units_than_are_left_are_refused(shop: World) -> None:
    order = paid_order(shop)
    ship(order)
    refund(order, units(order, 1))

    refused = refund(order, units(order, 2), key="other")

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_quantity")
    assert OrderLine.objects.get(order=order).refunded == 1


def test_another_currency_is_refused(shop: World) -> None:
    order = paid_order(shop)

    refused = refund(order, {"amount": money("1.00", "USD")})

    assert (refused.status_code, refused.json()["code"], refused.json()["currency"]) == (400, "wrong_currency", "EUR")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "amount"),
        ({"amount": money("1.00"), "shipping": True}, "amount"),
        ({"amount": money("0.00")}, "amount"),
        ({"amount": money("-1.00")}, "amount"),
        ({"amount": money("1.00"), "restock": True}, "restock"),
        ({"shipping": True, "restock": True}, "restock"),
        ({"items": []}, "items"),
        ({"amount": money("1.00"), "reason": ""}, "reason"),
        ({"amount": money("1.00"), "order": "x"}, "order"),
    ],
)
def test_bad_bodies_give_nothing_back(shop: World, body: dict[str, Any], field: str) -> None:
    order = paid_order(shop)

    refused = refund(order, body)

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"].startswith(field)
    assert not Refund.objects.exists()


def test_only_staff_who_may_refund_give_back(shop: World) -> None:
    owner = new_id()
    order = paid_order(shop, customer_id=owner)
    body = {"amount": money("1.00")}

    assert refund(order, body, client=client_of(id=owner)).status_code == 403
    assert refund(order, body, client=staff("orders.write")).status_code == 403
    assert post(staff(), order, "refunds/", body | {"reason": "x"}).json()["code"] == "idempotency_key_required"
    assert not Refund.objects.exists()


def test_a_buyer_sees_what_was_given_back(shop: World) -> None:
    owner = new_id()
    order = paid_order(shop, customer_id=owner)
    ship(order)
    refund(order, units(order, 1))

    answer = client_of(id=owner).get(f"/api/v1/orders/{order.pk}/refunds/")

    [told] = answer.json()["results"]
    assert told | {"id": "", "created_at": ""} == {
        "id": "",
        "status": "succeeded",
        "amount": money("19.99"),
        "tax": money("3.19"),
        "shipping": money("0.00"),
        "items": [{"line_id": line_of(order), "quantity": 1, "amount": money("19.99"), "tax": money("3.19")}],
        "created_at": "",
    }
    assert client_of(id=new_id()).get(f"/api/v1/orders/{order.pk}/refunds/").status_code == 404


def test_a_refused_refund_leaves_the_units_where_they_were(shop: World) -> None:
    order = paid_order(shop)
    shop.refuse["refund_order"] = RefundRefused()

    refused = refund(order, units(order, 1) | {"restock": True})

    assert (refused.status_code, refused.json()["code"]) == (409, "refund_refused")
    line = OrderLine.objects.get(order=order)
    assert (line.refunded, line.cancelled) == (0, 0)
    made = Refund.objects.get()
    assert (made.status, (made.refusal or {})["code"]) == ("failed", "refund_refused")
    assert order.timeline.latest("id").event == "refund_failed"
    relay_until_quiet()
    assert "return_stock" not in shop.names()

    del shop.refuse["refund_order"]
    assert refund(order, units(order, 1), key="again").json()["refunded_total"] == money("19.99")


def test_money_that_went_back_elsewhere_is_not_given_back_again(shop: World) -> None:
    order = paid_order(shop, refunded_minor=4000)

    refused = refund(order, {"amount": money("4.89")})

    assert (refused.status_code, refused.json()["code"]) == (409, "refund_exceeds_captured")


def test_while_payments_is_away_a_refund_waits_and_is_made_once(shop: World) -> None:
    order, client = paid_order(shop), staff()
    shop.refuse["refund_order"] = Unavailable(dependency="payments")

    refused = refund(order, {"amount": money("10.00")}, client=client)
    again = refund(order, {"amount": money("10.00")}, client=client)

    assert [answer.status_code for answer in (refused, again)] == [503, 503]
    assert (Refund.objects.count(), Refund.objects.get().status) == (1, "pending")
    # What is promised is promised: the rest is all that another one may have.
    more = refund(order, {"amount": money("34.89")}, key="other")
    assert more.json()["code"] == "refund_exceeds_captured"

    del shop.refuse["refund_order"]
    make_steps_due()
    relay_until_quiet()
    done = refund(order, {"amount": money("10.00")}, client=client)
    assert (done.status_code, done.json()["refunded_total"]) == (201, money("10.00"))
    assert list(shop.refunds.values()) == [1000]


def test_a_refund_that_payments_says_exceeds_is_told_so(shop: World) -> None:
    order = paid_order(shop)
    shop.refuse["refund_order"] = RefundExceedsCaptured()

    refused = refund(order, {"amount": money("10.00")})

    assert (refused.status_code, refused.json()["code"]) == (409, "refund_exceeds_captured")
    assert Refund.objects.get().status == "failed"


def test_what_costs_nothing_is_given_back_without_asking_payments(shop: World) -> None:
    order = paid_order(shop)
    ship(order)
    gift = add_line(order, quantity=1, fulfilled=1, unit_price_minor=0, tax_minor=0, total_minor=0)

    answer = refund(order, {"items": [{"line_id": str(gift.pk), "quantity": 1}], "restock": True})

    assert (answer.status_code, answer.json()["refunded_total"]) == (201, money("0.00"))
    assert OrderLine.objects.get(pk=gift.pk).refunded == 1
    assert shop.names() == ["return_stock"]


def test_ten_refunds_of_60_percent_at_once_give_one(shop: World) -> None:
    order = paid_order(shop)
    body = {"amount": money("26.93")}

    def one(number: int) -> int:
        try:
            status: int = refund(order, body, key=f"key-{number}").status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(one, range(10)))

    assert statuses == [201, *[409] * 9]
    assert list(shop.refunds.values()) == [2693]
    assert Order.objects.get(pk=order.pk).refunded_minor == 2693


def test_three_single_units_add_up_to_their_line(shop: World) -> None:
    order = paid_order(shop, captured_minor=7488, status="delivered")
    line = add_line(order, quantity=3, unit_price_minor=1000, tax_minor=479, total_minor=3000, fulfilled=3)

    for number in range(3):
        refund(order, {"items": [{"line_id": str(line.pk), "quantity": 1}]}, key=f"key-{number}")

    made = RefundItem.objects.order_by("id").values_list("amount_minor", "tax_minor")
    assert list(made) == [(1000, 160), (1000, 160), (1000, 159)]


def make_steps_due() -> None:
    """The time after which a failed step is tried again has passed."""
    Step.objects.filter(status="pending").update(next_attempt_at=F("created_at"))
    Saga.objects.exclude(next_run_at=None).update(next_run_at=clock.now())


def test_an_order_that_was_sold_elsewhere_is_neither_refunded_nor_called_off_nor_returned(shop: World) -> None:
    order = paid_order(shop, is_imported=True, payment_id=None, status="delivered", delivered_at=clock.now())
    item = {"line_id": line_of(order), "quantity": 1}

    answers = [
        refund(order, {"amount": money("1.00")}),
        post(staff(), order, "cancel/"),
        post(staff(), order, "returns/", {"items": [item | {"reason": "small"}]}),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "order_imported")] * 3
    assert shop.names() == []
    assert staff("orders.read").get(f"/api/v1/orders/{order.pk}/").json()["allowed_actions"] == []
