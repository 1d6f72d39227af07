"""What becomes of the messages to somebody whose account, or order, is to be forgotten."""

import pytest
from anymail.exceptions import AnymailRecipientsRefused

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic import deliveries
from modules.notifications.logic.parked import replay
from modules.notifications.models import Delivery, Message
from modules.notifications.tests.factories import MessageFactory
from modules.orders.events import OrderAnonymised
from modules.users.events import UserErased

pytestmark = pytest.mark.django_db(transaction=True)


def happens(event):
    with atomic(Message):
        for handler in HANDLERS[type(event)]:
            handler(event)


def content(message):
    message.refresh_from_db()
    return message.status, message.address, message.subject, message.text, message.html


@pytest.mark.parametrize(
    ("status", "then"), [("sent", "sent"), ("ready", "skipped"), ("parked", "skipped"), ("skipped", "skipped")]
)
def test_what_was_written_to_the_user_is_forgotten_and_what_was_to_be_sent_is_not(broker, provider, status, then):
    user_id = new_id()
    message = MessageFactory.create(
        customer_id=user_id, status=status, sent_at=clock.now() if status == "sent" else None
    )
    Delivery.objects.create(
        message=message,
        status="failed",
        detail="ada@example.com is full",
        started_at=clock.now(),
        finished_at=clock.now(),
    )

    happens(UserErased(user_id=user_id))
    happens(UserErased(user_id=user_id))

    assert content(message) == (then, "", "", "", "")
    assert message.deliveries.get().detail == ""
    assert replay() == 0
    deliveries.deliver(message.pk)
    assert provider.taken == []


def test_others_messages_stay(broker):
    other, guest = MessageFactory.create(customer_id=new_id()), MessageFactory.create()
    before = [content(other), content(guest)]
    happens(UserErased(user_id=new_id()))
    happens(OrderAnonymised(order_id=new_id()))
    assert [content(other), content(guest)] == before


def test_what_was_written_about_a_forgotten_order_is_forgotten_whoever_it_was_written_to(broker):
    message = MessageFactory.create()
    happens(OrderAnonymised(order_id=message.reference_id))
    assert content(message) == ("skipped", "", "", "", "")


def test_a_mail_that_leaves_at_this_moment_counts_as_sent_and_keeps_no_words(broker, provider, monkeypatch):
    user_id = new_id()
    message = MessageFactory.create(customer_id=user_id)

    def send(mails):
        happens(UserErased(user_id=user_id))
        return len(mails)

    monkeypatch.setattr(provider, "send_messages", lambda self, mails: send(mails))
    deliveries.deliver(message.pk)

    assert content(message) == ("sent", "", "", "", "")
    assert message.deliveries.get().status == "sent"


def test_a_refusal_that_comes_back_afterwards_keeps_no_words(broker, provider, monkeypatch):
    user_id = new_id()
    message = MessageFactory.create(customer_id=user_id)

    def send(self, mails):
        happens(UserErased(user_id=user_id))
        raise AnymailRecipientsRefused("ada@example.com is unknown")

    monkeypatch.setattr(provider, "send_messages", send)
    deliveries.deliver(message.pk)

    assert content(message) == ("skipped", "", "", "", "")
    delivery = message.deliveries.get()
    assert (delivery.status, delivery.detail) == ("refused", "")
