"""Edits of paid orders, over HTTP."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import override_settings
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.errors import ServiceError, Unavailable
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import relay_until_quiet
from modules.catalog.contracts import HoldCommitted, OutOfStock
from modules.orders.logic.tokens import access_token
from modules.orders.models import Order, OrderEdit, OrderLine, Refund
from modules.orders.tests.api.after_sale import client_of, line_of, paid_order, post, ship, staff
from modules.orders.tests.api.editing import add, amounts, announced, documents, edit, figures, pay, remove, seen
from modules.orders.tests.documents import invoiced_order
from modules.orders.tests.logic.test_invariants import broken
from modules.orders.tests.test_handlers import happens, make_steps_due
from modules.orders.tests.world import SHIRT, World
from modules.payments.contracts import CancelOutcome, PaymentStatus, ProviderNotAvailable, RefundRefused
from modules.payments.events import PaymentFailed, PaymentRefunded

pytestmark = pytest.mark.django_db(transaction=True)


def test_before_anything_changes_staff_see_what_it_comes_to(shop: World) -> None:
    order = paid_order(shop)

    answer = edit(order, add((shop.put_on_sale(minor=2500, sku="COAT"), 2)) | remove(order), dry=True)

    assert answer.status_code == 200, answer.content
    assert figures(answer) == {"added_total": "50.00", "removed_total": "19.99", "due": "30.01", "refund": "0.00"}
    assert [(one["sku"], one["quantity"], one["tax"]["amount"]) for one in answer.json()["added"]] == [
        ("COAT", 2, "7.98")
    ]
    assert answer.json()["removed"] == [
        {"line_id": line_of(order), "quantity": 1, "amount": {"amount": "19.99", "currency": "EUR"}}
    ]
    assert not OrderEdit.objects.exists()
    assert shop.names() == ["find_variants"]
    assert Order.objects.get().version == order.version


def test_what_is_added_joins_the_order_when_its_difference_is_paid(shop: World) -> None:
    order = invoiced_order(shop)
    shop.payment_status = PaymentStatus.REQUIRES_ACTION

    answer = edit(order, add((shop.put_on_sale(minor=2500, sku="COAT"), 1)) | {"payable_days": 3})

    assert answer.status_code == 201, answer.content
    assert (answer.json()["edit"]["status"], answer.json()["link"].partition("?token=")[2] != "") == ("waiting", True)
    row = OrderEdit.objects.get()
    assert answer.json()["edit"]["payment_id"] == str(shop.edit_payments[f"edit:{row.pk}"].id)
    assert row.payable_until - row.created_at == timedelta(days=3)
    # Until then the order is what it was.
    assert amounts(order) == ("44.88", "7.16", "0.00", "paid")
    started = dict(shop.asked)["start_payment"]
    assert {part: value["minor"] for part, value in started["split"].items()} == {
        "sales": 2101,
        "tax": 399,
        "shipping": 0,
    }

    pay(shop)

    assert amounts(order) == ("69.88", "11.15", "0.00", "paid")
    assert [(line["sku"], line["quantity"]) for line in seen(order)["lines"]] == [("SHIRT-M", 2), ("COAT", 1)]
    assert [one["amount"]["amount"] for one in seen(order)["taxes"]] == ["3.99"]
    assert shop.names()[-2:] == ["commit_hold", "recognise_revenue"]
    assert documents() == [("invoice", 4488, 716), ("invoice", 2500, 399)]
    assert announced()[-2:] == ["orders.OrderEditOffered", "orders.OrderEdited"]
    happened = [entry["event"] for entry in seen(order)["timeline"]]
    assert happened == ["placed", "edit_awaits_payment", "edit_paid", "edited"]
    assert broken() == []


def test_what_is_taken_off_goes_back_in_money(shop: World) -> None:
    order = invoiced_order(shop)

    answer = edit(order, remove(order))
    relay_until_quiet()

    assert answer.status_code == 201, answer.content
    assert (answer.json()["edit"]["status"], figures(answer)["refund"]) == ("applied", "19.99")
    assert amounts(order) == ("44.88", "7.16", "19.99", "partially_refunded")
    assert OrderLine.objects.values_list("quantity", "cancelled", "refunded").get() == (2, 1, 1)
    assert sorted(shop.names()) == ["refund_order", "return_stock"]
    assert documents() == [("invoice", 4488, 716), ("credit_note", 1999, 319)]
    assert broken() == []


def test_as_much_as_comes_off_is_added_and_no_money_moves(shop: World) -> None:
    order = invoiced_order(shop)

    answer = edit(order, add((shop.put_on_sale(minor=1999, sku="SHIRT-L"), 1)) | remove(order))
    relay_until_quiet()

    assert answer.json()["edit"]["status"] == "applied"
    assert figures(answer) == {"added_total": "19.99", "removed_total": "19.99", "due": "0.00", "refund": "0.00"}
    assert amounts(order) == ("64.87", "10.35", "19.99", "partially_refunded")
    names = shop.names()
    assert [name for name in names if name.startswith(("refund", "start"))] == []
    assert names.count("set_off_revenue") == names.count("return_stock") == 1
    assert documents() == [("invoice", 4488, 716), ("invoice", 1999, 319), ("credit_note", 1999, 319)]
    assert broken() == []


def test_more_comes_off_than_is_added_and_the_rest_goes_back(shop: World) -> None:
    order = invoiced_order(shop)

    answer = edit(order, add((shop.put_on_sale(minor=500, sku="SOCKS"), 1)) | remove(order))
    relay_until_quiet()

    assert figures(answer) == {"added_total": "5.00", "removed_total": "19.99", "due": "0.00", "refund": "14.99"}
    assert amounts(order) == ("49.88", "7.96", "19.99", "partially_refunded")
    refunds = Refund.objects.order_by("amount_minor").values_list("amount_minor", "tax_minor", "is_set_off", "status")
    assert list(refunds) == [(500, 80, True, "succeeded"), (1499, 239, False, "succeeded")]
    assert shop.payments[order.pk].refunded.minor == 1499
    # The units went with the first, and are put back once.
    assert OrderLine.objects.order_by("position").values_list("cancelled", "refunded")[0] == (1, 1)
    assert shop.names().count("return_stock") == 1
    assert broken() == []


def test_more_is_added_than_comes_off_and_the_difference_is_charged(shop: World) -> None:
    order = invoiced_order(shop)

    answer = edit(order, add((shop.put_on_sale(minor=5000, sku="COAT"), 1)) | remove(order))
    assert answer.json()["edit"]["status"] == "waiting"
    pay(shop)

    assert figures(answer)["due"] == "30.01"
    assert amounts(order) == ("94.88", "15.14", "19.99", "partially_refunded")
    [set_off] = [arguments for name, arguments in shop.asked if name == "set_off_revenue"]
    assert [part["minor"] for part in set_off["sold"].values()] == [1680, 319, 0]
    assert [part["minor"] for part in set_off["given_back"].values()] == [1680, 319, 0]
    [recognised] = [arguments for name, arguments in shop.asked if name == "recognise_revenue"]
    assert [part["minor"] for part in recognised["split"].values()] == [5000 - 798 - 1680, 798 - 319, 0]
    assert broken() == []


def test_an_edited_order_is_refunded_out_of_all_its_payments(shop: World) -> None:
    order = invoiced_order(shop)
    edit(order, add((shop.put_on_sale(minor=5000, sku="COAT"), 1)) | remove(order))
    pay(shop)

    lines = [{"line_id": line["id"], "quantity": 1} for line in seen(order)["lines"]]
    answer = post(staff(), order, "refunds/", {"items": lines, "shipping": True, "reason": "lost"}, key="all")

    # All that is left to ship would go: that is cancelling, so the shipping and one line at a time.
    assert answer.json()["code"] == "nothing_left_to_ship"
    assert ship(order).status_code == 201
    answer = post(staff(), order, "refunds/", {"items": lines, "shipping": True, "reason": "lost"}, key="all")
    assert answer.status_code == 201, answer.content
    # Told again by payments' own events, it counts once.
    for payment in shop.payments_of(order.pk):
        happens(
            PaymentRefunded(
                payment_id=payment.id,
                order_id=order.pk,
                purpose=payment.purpose,
                reference=None,
                refunded=payment.refunded,
            )
        )
    assert amounts(order) == ("94.88", "15.14", "94.88", "refunded")
    assert [payment.refunded.minor for payment in shop.payments_of(order.pk)] == [4488, 3001]
    assert sum(total for kind, total, _ in documents() if kind == "credit_note") == 4488 + 5000
    assert broken() == []


@pytest.mark.parametrize(
    ("refuse", "code"),
    [
        ({"hold_stock": OutOfStock(lines=[])}, "out_of_stock"),
        ({"start_payment": ProviderNotAvailable()}, "provider_not_available"),
    ],
)
def test_what_another_module_refuses_leaves_the_order_as_it_was(
    shop: World, refuse: dict[str, ServiceError], code: str
) -> None:
    order = paid_order(shop)
    shop.refuse |= refuse

    answer = edit(order, add((shop.put_on_sale(minor=5000), 1)))
    relay_until_quiet()

    assert (answer.status_code in (400, 409), answer.json()["code"]) == (True, code)
    assert OrderEdit.objects.get().status == "refused"
    assert shop.names()[-1] == "release_hold"
    shop.refuse.clear()
    assert ship(order).status_code == 201


def test_an_answer_that_is_not_known_is_asked_for_again(shop: World) -> None:
    order, client = paid_order(shop), staff()
    coat = shop.put_on_sale(minor=5000)
    shop.refuse["start_payment"] = Unavailable(dependency="payments")
    assert edit(order, add((coat, 1)), client=client).status_code == 503
    assert OrderEdit.objects.get().status == "opening"
    del shop.refuse["start_payment"]
    make_steps_due()

    answer = edit(order, add((coat, 1)), client=client)

    assert (answer.status_code, answer.json()["edit"]["status"]) == (201, "waiting")
    assert OrderEdit.objects.count() == 1


def test_repeating_a_request_finds_its_edit_again(shop: World) -> None:
    order, client = paid_order(shop), staff()
    first, second = (edit(order, remove(order), client=client) for _ in range(2))
    assert (first.content, second["Idempotent-Replayed"]) == (second.content, "true")
    assert OrderEdit.objects.count() == 1
    assert post(client, order, "edits/", remove(order)).json()["code"] == "idempotency_key_required"


ONE_EURO_DUE = {"expected_due": {"amount": "1.00", "currency": "EUR"}}


def half_shipped(order: Order) -> None:
    ship(order, 1)


@pytest.mark.parametrize(
    ("change", "body", "status", "code"),
    [
        (lambda order: Order.objects.update(status="pending"), remove, 409, "invalid_transition"),
        (lambda order: Order.objects.update(captured_minor=4487), remove, 409, "invalid_transition"),
        (lambda order: Order.objects.update(is_imported=True, payment_id=None), remove, 409, "order_imported"),
        (half_shipped, remove, 409, "invalid_transition"),
        (None, lambda order: remove(order, 2), 409, "nothing_left_to_ship"),
        (None, lambda order: remove(order, 3), 409, "invalid_quantity"),
        (
            None,
            lambda order: {"remove": [{"line_id": "01920000-0000-7000-8000-000000000009", "quantity": 1}]},
            400,
            "unknown_line",
        ),
        (None, lambda order: {"add": [{"variant_id": str(SHIRT), "quantity": 1}]}, 400, "unknown_variant"),
        (None, lambda order: {}, 400, "invalid"),
        (None, lambda order: remove(order) | ONE_EURO_DUE, 409, "total_changed"),
    ],
)
def test_what_cannot_be_edited_is_refused_and_nothing_changes(
    shop: World,
    change: Callable[[Order], Any] | None,
    body: Callable[[Order], dict[str, Any]],
    status: int,
    code: str,
) -> None:
    order = paid_order(shop)
    if change:
        if code == "invalid_transition" and change is not half_shipped:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE orders_order DISABLE TRIGGER orders_order_status_moves")
        try:
            change(order)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE orders_order ENABLE TRIGGER orders_order_status_moves")

    answer = edit(order, body(order))

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert not OrderEdit.objects.exists()


def test_what_would_be_taxed_in_another_way_is_a_new_order(shop: World) -> None:
    order = paid_order(shop)
    with override_settings(CURRENCIES_WITHOUT_TAX=["EUR"]):
        answer = edit(order, add((shop.put_on_sale(), 1)))
    assert (answer.status_code, answer.json()["code"]) == (409, "edit_not_possible")


def test_who_may(shop: World) -> None:
    order = paid_order(shop)
    assert edit(order, remove(order), client=APIClient()).status_code == 401
    assert edit(order, remove(order), client=staff("orders.read")).status_code == 403
    assert edit(order, remove(order), client=client_of(id=clock and order.pk)).status_code == 403
    edit(order, remove(order))
    listed = APIClient().get(f"/api/v1/orders/{order.pk}/edits/?token={access_token(order.pk, 1)}")
    assert [one["status"] for one in listed.json()["results"]] == ["applied"]
    assert "reason" not in listed.json()["results"][0]
    assert APIClient().get(f"/api/v1/orders/{order.pk}/edits/").status_code == 404


def test_two_edits_at_once_are_one(shop: World) -> None:
    order = paid_order(shop)
    coat = shop.put_on_sale(minor=5000)

    def ask(number: int) -> int:
        try:
            return int(edit(order, add((coat, 1)), key=f"key-{number}").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(ask, range(8))) == [201] + [409] * 7
    assert OrderEdit.objects.count() == 1


def test_an_edit_and_a_parcel_at_once_never_both(shop: World) -> None:
    order = paid_order(shop)

    def one(number: int) -> int:
        try:
            answer = edit(order, remove(order), key="key") if number else ship(order)
            return int(answer.status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(2)))
    relay_until_quiet()
    line = OrderLine.objects.get()
    # Edited first, one unit is sent; sent first, both are and there is nothing to edit.
    assert (line.fulfilled, line.cancelled) in ((1, 1), (2, 0))
    assert broken() == []


def test_money_that_went_back_at_the_provider_meanwhile_cannot_be_set_off(shop: World) -> None:
    order = paid_order(shop)
    edit(order, add((shop.put_on_sale(minor=5000), 1)) | remove(order, 2))
    happens(
        PaymentRefunded(
            payment_id=shop.payments[order.pk].id,
            order_id=order.pk,
            purpose="order",
            reference=None,
            refunded=Money(minor=4488, currency="EUR"),
        )
    )
    shop.cancel_outcome = CancelOutcome.CAPTURED
    shop.refuse["release_hold"] = HoldCommitted()

    pay(shop)

    assert OrderEdit.objects.get().status == "refused"
    [payment] = shop.edit_payments.values()
    assert payment.refunded == payment.captured
    assert shop.names().count("return_stock") == 1
    assert broken() == []


def test_the_rest_that_the_provider_refuses_to_give_back_stays_to_be_given(shop: World) -> None:
    order = paid_order(shop)
    shop.refuse["refund_order"] = RefundRefused()

    edit(order, add((shop.put_on_sale(minor=500), 1)) | remove(order))
    relay_until_quiet()

    assert amounts(order) == ("49.88", "7.96", "5.00", "partially_refunded")
    assert OrderEdit.objects.get().status == "applied"
    assert "refund_failed" in [entry["event"] for entry in seen(order)["timeline"]]
    del shop.refuse["refund_order"]
    again = post(staff(), order, "refunds/", {"amount": {"amount": "14.99", "currency": "EUR"}, "reason": "x"}, key="r")
    assert again.json()["refunded_total"]["amount"] == "19.99"
    assert broken() == []


def test_a_declined_payment_is_told_on_the_timeline_and_leaves_the_order_paid(shop: World) -> None:
    order = paid_order(shop)
    edit(order, add((shop.put_on_sale(minor=5000), 1)))
    [payment] = shop.edit_payments.values()
    happens(PaymentFailed(payment_id=payment.id, order_id=order.pk, purpose=payment.purpose, code="card_declined"))
    assert amounts(order)[3] == "paid"
    assert seen(order)["timeline"][-1]["event"] == "edit_payment_failed"
