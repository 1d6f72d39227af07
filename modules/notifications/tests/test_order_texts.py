"""The SMS about an order: who gets them, what stands in them, and when consent counts."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from time_machine import Traveller

from ecommerce.kernel import clock as kernel_clock
from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic.channels.segments import measure
from modules.notifications.models import Message, OptIn, Suppression
from modules.notifications.tests.factories import a_parcel, an_order
from modules.notifications.tests.texts import NUMBER, a_text, opt_in, send, users
from modules.orders.contracts import Order
from modules.orders.events import OrderDelivered, OrderShipped
from tests.fakes.twilio import TwilioServer

pytestmark = pytest.mark.django_db(transaction=True)

ADA = new_id()
DHL = "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=00340434161094042557"


@pytest.fixture(autouse=True)
def sending(twilio: TwilioServer, broker: list[UUID]) -> None:
    """SMS are offered, and what is handed over waits."""


def shipped(order: Order) -> OrderShipped:
    return OrderShipped(
        order_id=order.id, number=order.number, customer_id=order.customer_id, shipment_id=order.shipments[0].id
    )


def delivered(order: Order) -> OrderDelivered:
    return OrderDelivered(order_id=order.id, number=order.number, customer_id=order.customer_id)


def adas_order(**changes: Any) -> Order:
    usual: dict[str, Any] = {"customer_id": ADA, "shipments": [a_parcel(tracking_url=None)]}
    return an_order(**usual | changes)


def happens(event: object, order: Order, *, phone: str = NUMBER) -> list[Message]:
    """What was written by SMS when it has happened."""
    with users(phone), stand_in("orders", get_orders=lambda ids: [order]):
        with atomic(Message):
            for handler in HANDLERS[type(event)]:
                handler(event)
        driver.run_due("default")
    return list(Message.objects.filter(channel="sms").order_by("pk"))


def test_a_parcel_is_told_once_to_who_has_asked_for_it(broker: list[UUID]) -> None:
    opt_in(ADA)
    order = adas_order()
    for _ in range(2):
        written = happens(shipped(order), order)
    (message,) = written
    assert (message.topic, message.reference_id, message.order_id) == (
        "order_shipped",
        order.shipments[0].id,
        order.id,
    )
    assert (message.recipient, message.customer_id, message.address, message.status) == ("owner", ADA, NUMBER, "ready")
    assert message.text == "Lampen: order 1001 is on its way with DHL. Reply STOP to end."
    assert (message.segments, message.subject, message.html) == (1, "", "")
    assert broker.count(message.pk) == 1
    assert Message.objects.filter(channel="mail").count() == 1


def test_so_is_what_has_arrived_and_each_parcel(twilio: TwilioServer) -> None:
    opt_in(ADA)
    one, other = a_parcel(), a_parcel()
    for order in (adas_order(shipments=[one, other]), adas_order(shipments=[other, one])):
        happens(shipped(order), order)
    order = adas_order()
    texts = happens(delivered(order), order)
    assert [message.topic for message in texts] == ["order_shipped", "order_shipped", "order_delivered"]
    assert texts[2].text == "Lampen: order 1001 has been delivered. Reply STOP to end."
    assert send(*texts) == ["sent", "sent", "sent"]


def test_who_has_not_asked_for_it_gets_none() -> None:
    opt_in(ADA, "order_delivered")
    opt_in(new_id())
    for order in (adas_order(), adas_order(customer_id=None)):
        assert happens(shipped(order), order) == []


def test_a_shop_without_twilio_writes_none(settings: Any) -> None:
    opt_in(ADA)
    settings.TWILIO_ACCOUNT_SID = ""
    assert happens(shipped(adas_order()), adas_order()) == []


@pytest.mark.parametrize("phone", ["", "0151 12345678", "+49 30 901820", "call me"])
def test_whose_number_will_not_do_is_skipped(broker: list[UUID], phone: str) -> None:
    opt_in(ADA)
    (message,) = happens(delivered(order := adas_order()), order, phone=phone)
    assert (message.status, message.address, message.text) == ("skipped", "", "")
    assert message.pk not in broker


def test_at_night_it_is_left_for_the_morning(
    clock: Traveller, settings: Any, broker: list[UUID], twilio: TwilioServer
) -> None:
    settings.SMS_QUIET_HOURS = (21, 8)
    clock.move_to(datetime(2026, 11, 28, 22, 30, tzinfo=UTC))
    opt_in(ADA)
    (message,) = happens(delivered(order := adas_order()), order)
    assert message.next_attempt_at == datetime(2026, 11, 29, 7, tzinfo=UTC)
    assert (message.handed_until, message.pk in broker) == (None, False)


@pytest.mark.parametrize(
    ("language", "carrier", "link", "text"),
    [
        ("en", "DHL", DHL, f"Lampen: order 1001 is on its way with DHL. {DHL}"),
        ("de", "DHL", DHL, f"Lampen: Bestellung 1001 ist unterwegs mit DHL. {DHL}"),
        ("de", "Österreichische  Post\n", "", "Lampen: Bestellung 1001 ist unterwegs mit Österreichische Post."),
        ("ru", "DHL", None, "Lampen: заказ 1001 в пути (DHL)."),
        ("ru", "DHL", DHL, f"Lampen: заказ 1001 в пути (DHL). {DHL}"),
        ("en", "", None, "Lampen: order 1001 is on its way."),
        # What would be one message more is left out.
        ("en", "DHL", f"{DHL}&{'x' * 60}", "Lampen: order 1001 is on its way with DHL."),
        ("ru", "DHL", f"{DHL}&{'x' * 60}", "Lampen: заказ 1001 в пути (DHL)."),
    ],
)
def test_the_link_is_in_it_where_it_is_short(settings: Any, language: str, carrier: str, link: str, text: str) -> None:
    settings.TWILIO_SENDER = "Lampen"
    opt_in(ADA)
    order = adas_order(language=language, shipments=[a_parcel(carrier=carrier, tracking_url=link)])
    (message,) = happens(shipped(order), order)
    assert (message.text, message.language) == (text, language)
    assert message.segments == measure(text).segments


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("about", [shipped, delivered])
def test_each_language_fits_into_one_message_and_says_how_to_stop(language: str, about: Any) -> None:
    opt_in(ADA)
    order = adas_order(language=language)
    (message,) = happens(about(order), order)
    assert (message.segments, "STOP" in message.text, "1001" in message.text) == (1, True, True)
    assert order.link not in message.text


class TestConsent:
    """Asked for again at the moment of sending."""

    def test_who_has_turned_it_off_meanwhile_gets_none(self, twilio: TwilioServer) -> None:
        message = a_text()
        OptIn.objects.filter(topic="order_shipped").delete()
        assert send(message) == ["skipped"]
        assert (message.deliveries.get().code, twilio.calls) == ("not_wanted", [])

    def test_who_has_another_number_by_now_is_not_told_at_the_old_one(self, twilio: TwilioServer) -> None:
        message = a_text()
        assert send(message, phone="+4915187654321") == ["skipped"]
        assert (message.deliveries.get().code, twilio.calls) == ("other_number", [])

    def test_who_has_answered_stop_gets_none(self, twilio: TwilioServer) -> None:
        Suppression.objects.create(address=NUMBER, reason="stopped", created_at=kernel_clock.now())
        message = a_text()
        assert send(message) == ["skipped"]
        assert (message.deliveries.get().code, twilio.calls) == ("suppressed", [])

    def test_an_account_that_is_gone_gets_none(self, twilio: TwilioServer) -> None:
        message = a_text()
        assert send(message, phone="") == ["skipped"]
        assert twilio.calls == []
