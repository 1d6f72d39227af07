from datetime import timedelta

import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import at_once
from modules.notifications.logic import deliveries, handover
from modules.notifications.models import Message
from modules.notifications.tests.factories import a_confirmation, told
from modules.orders.events import OrderShipped

pytestmark = pytest.mark.django_db(transaction=True)


def shipped(order_id):
    return OrderShipped(order_id=order_id, number="1001", customer_id=None, shipment_id=new_id())


@pytest.fixture
def two_of_one_order(endpoint, broker):
    order_id = new_id()
    told(a_confirmation(order_id), position=1)
    told(shipped(order_id), position=2)
    broker.clear()
    return list(Message.objects.order_by("position"))


def test_the_second_waits_for_the_first(receiver, two_of_one_order, broker):
    first, second = two_of_one_order
    deliveries.deliver(second.pk)
    assert receiver.received == []

    deliveries.deliver(first.pk)
    assert broker == [second.pk]
    deliveries.deliver(second.pk)
    assert [call.event["type"] for call in receiver.received] == ["orders.OrderConfirmed", "orders.OrderShipped"]


def test_the_second_waits_while_the_first_is_tried_again(receiver, two_of_one_order, broker):
    first, second = two_of_one_order
    receiver.answers = [500]
    deliveries.deliver(first.pk)
    deliveries.deliver(second.pk)
    assert (len(receiver.received), broker) == (1, [])
    Message.objects.update(handed_until=None)
    assert handover.hand_over_due() == 0


def test_once_the_first_is_given_up_the_second_goes(receiver, two_of_one_order, broker):
    first, second = two_of_one_order
    receiver.answers = [500]
    Message.objects.filter(pk=first.pk).update(give_up_at=first.created_at)
    deliveries.deliver(first.pk)
    assert broker == [second.pk]
    deliveries.deliver(second.pk)
    assert [call.event["type"] for call in receiver.received] == ["orders.OrderConfirmed", "orders.OrderShipped"]
    assert list(Message.objects.order_by("position").values_list("status", flat=True)) == ["parked", "sent"]


def test_another_order_does_not_wait(receiver, two_of_one_order, broker):
    other = a_confirmation()
    told(other, position=3)
    deliveries.deliver(Message.objects.get(position=3).pk)
    assert [call.event["ordering_key"] for call in receiver.received] == [str(other.order_id)]


def test_of_eight_workers_at_once_one_sends(receiver, endpoint, broker):
    told(a_confirmation())
    message = Message.objects.get()
    at_once(*[lambda: deliveries.deliver(message.pk)] * 8)
    assert len(receiver.received) == 1


def test_what_rests_does_not_stand_in_the_way_of_what_is_due(clock, endpoint, broker):
    """Ten thousand messages to an endpoint that is down must not fill the batches that mails wait in."""
    endpoint.failures, endpoint.failing_since = 6, endpoint.created_at
    endpoint.paused_until = endpoint.created_at + timedelta(minutes=5)
    endpoint.save()
    told(a_confirmation())
    broker.clear()
    clock.shift(timedelta(minutes=2))
    assert handover.hand_over_due() == 0
    clock.shift(timedelta(minutes=3))
    assert handover.hand_over_due() == 1
