import json
from datetime import timedelta

import pytest

from ecommerce.kernel import inbox, wire
from ecommerce.kernel.events import subscription
from ecommerce.kernel.ids import moment_of, new_id
from ecommerce.kernel.inbox import Envelope
from ecommerce.kernel.testing import relay_until_quiet, statements
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic import deliveries
from modules.notifications.logic.webhooks import endpoints, events
from modules.notifications.models import Message
from modules.notifications.tests.factories import a_confirmation, told
from modules.users.events import ExportRequested, UserRegistered

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_is_posted_signed_with_its_id_time_and_what_it_is_about(receiver, endpoint, broker):
    event = a_confirmation()
    announcement = told(event)
    (message,) = Message.objects.all()
    assert broker == [message.pk]

    deliveries.deliver(message.pk)

    (call,) = receiver.received
    assert call.is_signed
    assert call.headers["webhook-id"] == str(announcement.event_id)
    assert call.headers["content-type"] == "application/json"
    moment = moment_of(announcement.event_id).isoformat().replace("+00:00", "Z")
    assert call.event == {
        "type": "orders.OrderConfirmed",
        "timestamp": moment,
        "ordering_key": str(event.order_id),
        "data": {
            "order_id": str(event.order_id),
            "number": "1001",
            "customer_id": None,
            "total": {"amount": "1239.90", "currency": "EUR"},
        },
    }
    message.refresh_from_db()
    assert (message.status, message.deliveries.get().endpoint_id) == ("sent", endpoint.pk)


def test_an_event_that_is_handled_twice_is_told_once(endpoint, broker):
    event = a_confirmation()
    first = told(event)
    told(event, event_id=first.event_id)
    assert Message.objects.count() == 1


def test_each_endpoint_that_wants_it_hears_of_it(receiver, endpoint, broker):
    also, _ = endpoints.make_endpoint(url=receiver.url, events=["orders.OrderConfirmed"])
    endpoints.make_endpoint(url=receiver.url, events=["orders.OrderCancelled"])
    off, _ = endpoints.make_endpoint(url=receiver.url, events=["orders.OrderConfirmed"])
    endpoints.change_endpoint(off.pk, {"enabled": False})
    gone, _ = endpoints.make_endpoint(url=receiver.url, events=["orders.OrderConfirmed"])
    endpoints.remove_endpoint(gone.pk)

    told(a_confirmation())

    assert set(Message.objects.values_list("endpoint_id", flat=True)) == {endpoint.pk, also.pk}


def test_where_nobody_listens_an_event_costs_one_statement_and_leaves_nothing(broker):
    with statements() as asked:
        told(a_confirmation())
    assert (len(asked), Message.objects.count(), broker) == (1, 0, [])


def test_it_is_tried_for_three_days(clock, endpoint, broker):
    told(a_confirmation())
    message = Message.objects.get()
    assert message.give_up_at == message.created_at + timedelta(days=3)


def test_what_can_be_subscribed_to_is_what_is_forwarded():
    forwarded = {event for event, handlers in HANDLERS.items() if events.forward in handlers}
    assert forwarded == set(events.EVENTS)
    assert ExportRequested not in forwarded
    assert all(subscription("notifications", name) for name in events.NAMES)


def test_the_relay_says_which_event_it_hands_over(receiver, broker):
    heard, _ = endpoints.make_endpoint(url=receiver.url, events=["users.UserRegistered"])
    envelope = an_envelope(UserRegistered(user_id=new_id()), position=7)
    inbox.accept_events(listener="notifications", events=[envelope])
    relay_until_quiet()
    message = Message.objects.get(endpoint=heard)
    assert (message.reference_id, message.position) == (envelope.event_id, 7)
    assert json.loads(message.text)["data"] == {"user_id": str(envelope.aggregate_id)}


def an_envelope(event, position):
    return Envelope(
        event_id=new_id(),
        source="users",
        name="users.UserRegistered",
        aggregate_id=event.user_id,
        position=position,
        payload=wire.encode(event).decode(),
        context="{}",
    )
