"""The mails about an order: which facts write one, how often, and which are no news any more when they would leave."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from time_machine import Traveller

from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic import deliveries, handover
from modules.notifications.models import Message
from modules.notifications.tests.factories import a_parcel, an_order, eur
from modules.orders import events
from modules.orders.contracts import Order, OrderStatus, PaymentState
from modules.payments.events import PaymentFailed, PaymentRefunded

pytestmark = pytest.mark.django_db(transaction=True)

ORDER, ABOUT = new_id(), new_id()
ABOUT_ORDER: dict[str, Any] = {"order_id": ORDER, "number": "1001", "customer_id": None}
ABOUT_PAYMENT: dict[str, Any] = {"order_id": ORDER, "payment_id": ABOUT, "purpose": "order"}
FACTS: list[tuple[str, UUID, Any]] = [
    ("order_confirmed", ORDER, events.OrderConfirmed(**ABOUT_ORDER, total=eur(100))),
    ("order_shipped", ABOUT, events.OrderShipped(**ABOUT_ORDER, shipment_id=ABOUT)),
    ("order_delivered", ORDER, events.OrderDelivered(**ABOUT_ORDER)),
    ("order_cancelled", ORDER, events.OrderCancelled(**ABOUT_ORDER)),
    ("order_edit_offered", ABOUT, events.OrderEditOffered(**ABOUT_ORDER, edit_id=ABOUT, due=eur(500))),
    ("payment_failed", ABOUT, PaymentFailed(**ABOUT_PAYMENT, code="card_declined")),
    ("payment_refunded", ABOUT, PaymentRefunded(**ABOUT_PAYMENT, reference=ABOUT, refunded=eur(500))),
    ("return_received", ABOUT, events.ReturnReceived(**ABOUT_ORDER, return_id=ABOUT)),
    ("return_rejected", ABOUT, events.ReturnRejected(**ABOUT_ORDER, return_id=ABOUT)),
]
DECLINED = FACTS[5][2]


def the_order(**changes: Any) -> Order:
    usual: dict[str, Any] = {"open_edits": [ABOUT], "shipments": [a_parcel(id=ABOUT)], "status": OrderStatus.PENDING}
    return an_order(ORDER, **usual | changes)


def happens(event: object, order: Order) -> None:
    with stand_in("orders", get_orders=lambda ids: [order]):
        with atomic(Message):
            for handler in HANDLERS[type(event)]:
                handler(event)
        driver.run_due("default")


def send(message: Message, order: Order) -> str:
    with stand_in("orders", get_orders=lambda ids: [order]):
        deliveries.deliver(message.pk)
    message.refresh_from_db()
    return message.status


@pytest.mark.parametrize(("topic", "reference_id", "event"), FACTS, ids=[topic for topic, *_ in FACTS])
def test_a_fact_is_one_mail_to_the_buyer_however_often_it_is_told(
    broker: list[UUID], topic: str, reference_id: UUID, event: object
) -> None:
    customer_id = new_id()
    for _ in range(2):
        happens(event, the_order(customer_id=customer_id))
    message = Message.objects.get()
    assert (message.topic, message.reference_id, message.order_id) == (topic, reference_id, ORDER)
    assert (message.recipient, message.channel, message.customer_id) == ("buyer", "mail", customer_id)
    assert (message.status, message.address) == ("ready", "ada@example.com")
    assert broker == ([] if topic == "payment_failed" else [message.pk])


def test_each_parcel_and_each_refund_has_its_mail(broker: list[UUID]) -> None:
    one, other = a_parcel(), a_parcel(items={"POSTER": 1})
    for parcel in (one, other):
        happens(events.OrderShipped(**ABOUT_ORDER, shipment_id=parcel.id), the_order(shipments=[one, other]))
    for refunded in (500, 700, 700):
        happens(PaymentRefunded(**ABOUT_PAYMENT, reference=None, refunded=eur(refunded)), the_order())
    texts = list(Message.objects.values_list("text", flat=True))
    for told in ("1 x Lamp", "1 x Poster", "€5.00", "€7.00"):
        assert len([text for text in texts if told in text]) == 1
    assert len(texts) == 4


def test_who_was_declined_is_written_to_if_he_has_gone(broker: list[UUID], provider: Any, clock: Traveller) -> None:
    happens(DECLINED, the_order())
    message = Message.objects.get()
    assert send(message, the_order()) == "ready"
    assert (handover.hand_over_due(), provider.taken) == (0, [])

    clock.shift(timedelta(minutes=10))
    assert handover.hand_over_due() == 1
    assert send(message, the_order()) == "sent"
    assert [mail.subject for mail in provider.taken] == ["Your payment for order 1001 did not go through"]


@pytest.mark.parametrize("status", [OrderStatus.CONFIRMED, OrderStatus.EXPIRED, OrderStatus.CANCELLED])
def test_who_has_paid_meanwhile_or_has_no_order_any_more_is_not(
    broker: list[UUID], provider: Any, clock: Traveller, status: OrderStatus
) -> None:
    happens(DECLINED, the_order())
    clock.shift(timedelta(minutes=10))
    assert send(Message.objects.get(), the_order(status=status)) == "skipped"
    assert provider.taken == []


def test_orders_that_does_not_answer_then_is_asked_again(broker: list[UUID], provider: Any, clock: Traveller) -> None:
    happens(DECLINED, the_order())
    clock.shift(timedelta(minutes=10))
    message = Message.objects.get()

    def away(ids: object) -> None:
        raise Unavailable

    with stand_in("orders", get_orders=away):
        deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts, provider.taken) == ("ready", 1, [])
    assert message.next_attempt_at is not None
    assert message.next_attempt_at > datetime.now(UTC)


def test_the_payment_of_an_edit_that_fails_is_no_failed_order(broker: list[UUID]) -> None:
    happens(replace(DECLINED, purpose=f"edit:{ABOUT}"), the_order())
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("event", "changes"),
    [
        (DECLINED, {"status": OrderStatus.CONFIRMED, "payment_status": PaymentState.PAID}),
        (FACTS[4][2], {"open_edits": []}),
    ],
    ids=["paid meanwhile", "called off meanwhile"],
)
def test_what_is_no_news_when_it_is_written_is_skipped(
    broker: list[UUID], event: object, changes: dict[str, Any]
) -> None:
    happens(event, the_order(**changes))
    assert (Message.objects.get().status, broker) == ("skipped", [])
