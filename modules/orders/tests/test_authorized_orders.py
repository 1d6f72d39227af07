"""Orders whose money is only authorised at first: taken with the first parcel, let go when they end before."""

from typing import Any

import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.logic.portions import Asked
from modules.orders.logic.shipments import ShipmentWish, ship
from modules.orders.models import Document, Order
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.test_handlers import announced, captured, happens, make_steps_due, timeline
from modules.orders.tests.world import World, payment_of
from modules.payments.contracts import CancelOutcome, PaymentNotCapturable, ProviderUnreachable
from modules.payments.events import DisputeClosed, PaymentAuthorized, PaymentDisputed, PaymentVoided, RefundFailed

pytestmark = pytest.mark.django_db(transaction=True)

TOTAL = Money(minor=4488, currency="EUR")


def authorized(order: Order) -> PaymentAuthorized:
    return PaymentAuthorized(payment_id=new_id(), order_id=order.pk, purpose="order", authorized=TOTAL)


def send(order: Order, quantity: int) -> None:
    asked = [Asked(line_id=order.lines.get().pk, quantity=quantity)]
    ship(order.pk, ShipmentWish(asked=asked, carrier="DHL", tracking_number="1"), actor="staff", claim_id=None)


def test_checkout_asks_for_the_money_at_once_or_later_as_the_shop_says(
    shop: World, check_out: Any, settings: Any
) -> None:
    check_out(shop.add_cart())
    settings.PAYMENTS_CAPTURE = "at_shipment"
    check_out(shop.add_cart(), key="key-2")
    assert [asked["captures_later"] for name, asked in shop.asked if name == "start_payment"] == [False, True]


def test_the_first_parcel_takes_the_money_and_then_the_order_is_invoiced(shop: World) -> None:
    order = OrderFactory.create()
    shop.put(payment_of(order.pk, TOTAL))
    happens(authorized(order))
    relay_until_quiet()
    assert not Document.objects.exists()
    send(order, 1)
    relay_until_quiet()
    happens(captured(order))
    send(order, 1)
    relay_until_quiet()
    assert shop.names() == ["commit_hold", "close_cart", "capture_payment", "recognise_revenue"]
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("shipped", "paid")
    assert Document.objects.filter(order=order).count() == 1


def test_an_authorisation_that_lapsed_is_noted_and_parks_nothing(shop: World) -> None:
    order = OrderFactory.create()
    happens(authorized(order))
    relay_until_quiet()
    shop.refuse["capture_payment"] = PaymentNotCapturable(status="failed")
    send(order, 2)
    relay_until_quiet()
    happens(PaymentVoided(payment_id=new_id(), order_id=order.pk, purpose="order"))
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("shipped", "unpaid")
    assert timeline(order.pk)[-1] == "payment_voided"


def test_money_authorised_for_an_order_that_has_ended_is_let_go(shop: World) -> None:
    order = OrderFactory.create(status="expired")
    shop.cancel_outcome = CancelOutcome.AUTHORIZED
    happens(authorized(order))
    relay_until_quiet()
    shop.cancel_outcome = CancelOutcome.CANCELLED
    make_steps_due()
    relay_until_quiet()
    asked = [asked for name, asked in shop.asked if name == "cancel_payment"]
    assert [one["even_authorized"] for one in asked] == [True, True]
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("expired", "unpaid")


def test_a_provider_that_cannot_be_reached_undoes_the_checkout_at_once(shop: World, check_out: Any) -> None:
    shop.refuse["start_payment"] = ProviderUnreachable(dependency="stripe")
    cart = shop.add_cart()
    answer = check_out(cart)
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unreachable")
    assert answer.json()["dependency"] == "stripe"
    assert shop.names()[-3:] == ["cancel_payment", "release_redemption", "release_hold"]
    assert Order.objects.get().status == "abandoned"
    del shop.refuse["start_payment"]
    assert check_out(cart, key="key-2").status_code == 201


def test_a_refund_that_comes_back_is_noted_for_staff(shop: World) -> None:
    order = OrderFactory.create()
    happens(captured(order))
    relay_until_quiet()
    before = announced()
    happens(RefundFailed(payment_id=new_id(), order_id=order.pk, purpose="order", reference=new_id(), amount=TOTAL))
    assert timeline(order.pk)[-1] == "refund_returned"
    assert announced() == before


def test_a_dispute_changes_nothing_but_the_timeline(shop: World) -> None:
    order = OrderFactory.create()
    happens(captured(order))
    relay_until_quiet()
    before = Order.objects.values("status", "payment_status", "captured_minor", "refunded_minor").get()
    about: dict[str, Any] = {"payment_id": new_id(), "order_id": order.pk, "purpose": "order", "dispute_id": new_id()}
    happens(PaymentDisputed(**about, amount=TOTAL, reason="fraudulent", evidence_due_at=None))
    happens(DisputeClosed(**about, outcome="lost"))
    assert timeline(order.pk)[-2:] == ["disputed", "dispute_closed"]
    assert Order.objects.values("status", "payment_status", "captured_minor", "refunded_minor").get() == before
