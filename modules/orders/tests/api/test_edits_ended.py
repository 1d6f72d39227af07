"""Edits that wait, and end otherwise than by being paid: over HTTP, by time, with their order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.testing import relay_until_quiet
from modules.catalog.contracts import HoldCommitted
from modules.orders.logic import edits
from modules.orders.models import OrderEdit
from modules.orders.tests.api.after_sale import line_of, paid_order, post, ship, staff
from modules.orders.tests.api.editing import add, amounts, documents, edit, pay, remove
from modules.orders.tests.documents import invoiced_order
from modules.orders.tests.logic.test_invariants import broken
from modules.orders.tests.test_handlers import happens, make_steps_due
from modules.orders.tests.world import World
from modules.payments.contracts import CancelOutcome
from modules.payments.events import PaymentRefunded

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_edit_that_is_not_paid_in_time_lapses(shop: World) -> None:
    order = paid_order(shop)
    edit(order, add((shop.put_on_sale(minor=5000), 1)))
    assert edits.lapse_due() == 0
    OrderEdit.objects.update(payable_until=clock.now() - timedelta(seconds=1))

    assert edits.lapse_due() == 1
    assert edits.lapse_due() == 0
    relay_until_quiet()

    assert OrderEdit.objects.get().status == "lapsed"
    assert shop.names()[-3:] == ["cancel_payment", "cancel_payment", "release_hold"]
    assert amounts(order) == ("44.88", "7.16", "0.00", "paid")
    assert ship(order).status_code == 201


def test_an_edit_whose_payment_nobody_knows_the_outcome_of_does_not_lapse(shop: World) -> None:
    order = paid_order(shop)
    edit(order, add((shop.put_on_sale(minor=5000), 1)))
    OrderEdit.objects.update(payable_until=clock.now() - timedelta(seconds=1))
    shop.cancel_outcome = CancelOutcome.UNKNOWN
    edits.lapse_due()
    relay_until_quiet()
    assert OrderEdit.objects.get().status == "waiting"

    shop.cancel_outcome = CancelOutcome.CAPTURED
    make_steps_due()
    relay_until_quiet()
    pay(shop)

    assert OrderEdit.objects.get().status == "applied"
    assert broken() == []


def test_money_that_comes_after_an_edit_has_lapsed_goes_back(shop: World) -> None:
    order = paid_order(shop)
    edit(order, add((shop.put_on_sale(minor=5000), 1)))
    OrderEdit.objects.update(payable_until=clock.now() - timedelta(seconds=1))
    edits.lapse_due()
    relay_until_quiet()

    pay(shop)

    [payment] = shop.edit_payments.values()
    assert payment.refunded.minor == 5000
    happens(
        PaymentRefunded(
            payment_id=payment.id,
            order_id=order.pk,
            purpose=payment.purpose,
            reference=None,
            refunded=payment.refunded,
        )
    )
    assert amounts(order) == ("44.88", "7.16", "0.00", "paid")
    assert broken() == []


def test_an_edit_that_waits_is_called_off(shop: World) -> None:
    order = paid_order(shop)
    edit_id = edit(order, add((shop.put_on_sale(minor=5000), 1))).json()["edit"]["id"]

    for _ in range(2):
        answer = post(staff(), order, f"edits/{edit_id}/call-off/")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    relay_until_quiet()

    assert shop.names()[-2:] == ["cancel_payment", "release_hold"]
    assert ship(order).status_code == 201
    assert post(staff(), order, "edits/01920000-0000-7000-8000-000000000009/call-off/").status_code == 404


def test_called_off_when_it_was_just_paid_all_of_it_goes_back(shop: World) -> None:
    order = paid_order(shop)
    edit_id = edit(order, add((shop.put_on_sale(minor=5000), 1))).json()["edit"]["id"]
    shop.cancel_outcome = CancelOutcome.CAPTURED
    [payment] = shop.edit_payments.values()
    shop.put(replace(payment, captured=payment.amount))
    shop.refuse["release_hold"] = HoldCommitted()

    post(staff(), order, f"edits/{edit_id}/call-off/")
    relay_until_quiet()
    pay(shop)

    assert shop.edit_payments[payment.purpose].refunded == payment.amount
    assert shop.names().count("return_stock") == 1
    assert amounts(order) == ("44.88", "7.16", "0.00", "paid")


def test_one_that_has_taken_effect_is_not_called_off(shop: World) -> None:
    order = paid_order(shop)
    edit_id = edit(order, remove(order)).json()["edit"]["id"]
    answer = post(staff(), order, f"edits/{edit_id}/call-off/")
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")


def test_while_an_edit_waits_nothing_else_changes_what_the_order_is_made_of(shop: World) -> None:
    order = paid_order(shop)
    edit(order, add((shop.put_on_sale(minor=5000), 1)))
    unit = {"items": [{"line_id": line_of(order), "quantity": 1}]}

    refused = [
        ship(order),
        post(staff(), order, "refunds/", unit | {"reason": "x"}, key="r"),
        post(staff(), order, "cancel/", unit, key="c"),
        edit(order, remove(order), key="other"),
        edit(order, remove(order), dry=True),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(409, "edit_open")] * 5
    assert refused[0].json()["edit_id"] == str(OrderEdit.objects.get().pk)


def test_an_order_that_is_called_off_takes_its_edit_with_it(shop: World) -> None:
    order = paid_order(shop)
    edit(order, add((shop.put_on_sale(minor=5000), 1)))
    shop.cancel_outcome = CancelOutcome.CAPTURED

    assert post(staff(), order, "cancel/").json()["status"] == "cancelled"
    pay(shop)

    assert OrderEdit.objects.get().status == "cancelled"
    assert [payment.refunded for payment in shop.payments_of(order.pk)] == [
        payment.captured for payment in shop.payments_of(order.pk)
    ]
    assert broken() == []


def test_an_edited_order_that_is_called_off_gives_all_of_it_back(shop: World) -> None:
    order = invoiced_order(shop)
    edit(order, add((shop.put_on_sale(minor=5000, sku="COAT"), 1)) | remove(order))
    pay(shop)
    shop.refuse["release_hold"] = HoldCommitted()
    shop.cancel_outcome = CancelOutcome.CAPTURED
    shop.asked.clear()

    assert post(staff(), order, "cancel/").json()["status"] == "cancelled"
    relay_until_quiet()

    assert [payment.refunded.minor for payment in shop.payments_of(order.pk)] == [4488, 3001]
    [returned] = [arguments for name, arguments in shop.asked if name == "return_stock"]
    assert [line["quantity"] for line in returned["lines"]] == [1, 1]
    credited = sum(total for kind, total, _ in documents() if kind == "credit_note")
    assert credited == sum(total for kind, total, _ in documents() if kind == "invoice")
    assert broken() == []
