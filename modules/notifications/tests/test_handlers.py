"""What notifications does with the facts it hears, told by what stands in its tables afterwards."""

import pytest

from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import stand_in
from modules.notifications.handlers import HANDLERS
from modules.notifications.models import Message
from modules.notifications.tests.factories import an_order
from modules.orders.events import OrderConfirmed


def confirmed(order_id, customer_id=None):
    return OrderConfirmed(
        order_id=order_id, number="1001", customer_id=customer_id, total=Money(minor=123990, currency="EUR")
    )


def handle(event):
    with atomic(Message):
        for handler in HANDLERS[type(event)]:
            handler(event)


@pytest.mark.django_db(transaction=True)
def test_a_confirmed_order_becomes_a_message_that_is_handed_to_the_broker(broker):
    customer_id = new_id()
    order = an_order(customer_id=customer_id)
    with stand_in("orders", get_orders=lambda ids: [order]) as asked:
        handle(confirmed(order.id, customer_id))
        driver.run_due("default")
    message = Message.objects.get()
    assert (message.topic, message.reference_id, message.recipient, message.channel) == (
        "order_confirmed",
        order.id,
        "buyer",
        "mail",
    )
    assert (message.customer_id, message.address, message.language) == (customer_id, "ada@example.com", "en")
    assert (message.status, message.subject) == ("ready", "Your order 1001 is confirmed")
    assert "Total: €1,239.90" in message.text
    assert broker == [message.pk]
    assert asked == [("get_orders", {"ids": [str(order.id)]})]


@pytest.mark.django_db(transaction=True)
def test_the_handler_itself_asks_nobody(broker):
    with stand_in("orders", get_orders=lambda ids: []) as asked:
        handle(confirmed(new_id()))
    assert asked == []
    assert broker == []
    assert Message.objects.get().status == "draft"


@pytest.mark.django_db(transaction=True)
def test_an_order_confirmed_twice_is_one_message(broker):
    order = an_order()
    with stand_in("orders", get_orders=lambda ids: [order]):
        handle(confirmed(order.id))
        driver.run_due("default")
        handle(confirmed(order.id))
        driver.run_due("default")
    assert Message.objects.count() == 1
    assert len(broker) == 1


@pytest.mark.django_db(transaction=True)
def test_orders_that_does_not_answer_is_asked_again_later(broker):
    order = an_order()

    def away(ids):
        raise Unavailable

    with stand_in("orders", get_orders=away):
        handle(confirmed(order.id))
        driver.run_due("default")
    assert Message.objects.get().status == "draft"
    step = Step.objects.using("default").get(name="notifications.complete_order_letter")
    assert (step.status, step.attempts) == ("pending", 1)
    assert broker == []


@pytest.mark.django_db(transaction=True)
def test_a_message_whose_order_has_no_address_any_more_is_skipped(broker):
    order = an_order(email="")
    with stand_in("orders", get_orders=lambda ids: [order]):
        handle(confirmed(order.id))
        driver.run_due("default")
    message = Message.objects.get()
    assert (message.status, message.text, message.address) == ("skipped", "", "")
    assert broker == []
