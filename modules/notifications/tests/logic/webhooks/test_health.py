from datetime import timedelta

import pytest

from ecommerce.kernel import chance
from modules.notifications.logic import deliveries, parked
from modules.notifications.logic.webhooks import endpoints, log
from modules.notifications.models import Delivery, Message, WebhookEndpoint
from modules.notifications.tests.factories import MessageFactory, a_confirmation, told

pytestmark = pytest.mark.django_db(transaction=True)


def attempt():
    """One more attempt at the oldest that waits."""
    message = Message.objects.filter(status="ready").order_by("pk")[0]
    deliveries.deliver(message.pk)


def fail(receiver, times, clock, every=timedelta(hours=1)):
    for _ in range(times):
        receiver.answers = [500]
        clock.shift(every)
        attempt()


def test_a_refusal_is_logged_and_tried_again(clock, receiver, endpoint, broker, monkeypatch):
    monkeypatch.setattr(chance, "jitter", lambda seconds: seconds)
    receiver.answers, receiver.answer_body = [503], b"Not now."
    told(a_confirmation())
    attempt()
    message, delivery = Message.objects.get(), Delivery.objects.get()
    assert (delivery.status, delivery.code, delivery.detail) == ("failed", "503", "Not now.")
    assert (message.status, message.next_attempt_at) == ("ready", message.created_at + timedelta(seconds=10))
    clock.shift(10)
    attempt()
    assert Message.objects.get().status == "sent"
    assert receiver.received[0].headers["webhook-id"] == receiver.received[1].headers["webhook-id"]


def test_an_endpoint_that_keeps_failing_is_left_alone_for_a_while(clock, receiver, endpoint, broker, monkeypatch):
    monkeypatch.setattr(chance, "jitter", lambda seconds: seconds)
    for position in range(6):
        told(a_confirmation(), position=position)
    for message in Message.objects.order_by("position")[:5]:
        receiver.answers = [500]
        deliveries.deliver(message.pk)
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.paused_until - endpoint.failing_since) == (5, timedelta(seconds=10))
    last = Message.objects.get(position=5)
    deliveries.deliver(last.pk)
    assert (len(receiver.received), last.deliveries.count()) == (5, 0)

    clock.shift(10)
    deliveries.deliver(last.pk)
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since, endpoint.paused_until) == (0, None, None)


def test_after_three_days_of_failures_it_is_disabled_and_what_waits_is_parked(clock, receiver, endpoint, broker):
    told(a_confirmation())
    clock.shift(60)
    told(a_confirmation(), position=2)
    fail(receiver, times=73, clock=clock)
    endpoint.refresh_from_db()
    assert (endpoint.disabled_reason, endpoint.is_enabled) == ("failing", False)
    assert set(Message.objects.values_list("status", flat=True)) == {"parked"}
    told(a_confirmation(), position=3)
    assert Message.objects.count() == 2


def test_one_success_in_three_days_keeps_it(clock, receiver, endpoint, broker):
    told(a_confirmation())
    fail(receiver, times=40, clock=clock)
    clock.shift(timedelta(hours=1))
    attempt()
    told(a_confirmation(), position=2)
    fail(receiver, times=40, clock=clock)
    endpoint.refresh_from_db()
    assert (endpoint.disabled_reason, endpoint.failures) == ("", 40)


def test_one_that_answers_410_is_disabled_at_once(receiver, endpoint, broker):
    receiver.answers = [410]
    told(a_confirmation())
    attempt()
    endpoint.refresh_from_db()
    assert (endpoint.disabled_reason, endpoint.version) == ("gone", 2)
    assert (Message.objects.get().status, Delivery.objects.get().status) == ("parked", "refused")


def test_enabled_again_it_gets_what_staff_replay(clock, receiver, endpoint, broker):
    receiver.answers = [410]
    told(a_confirmation())
    attempt()
    message = Message.objects.get()
    assert parked.replay() == 0
    with pytest.raises(parked.NotReplayable):
        parked.replay_one(message.pk)

    endpoints.change_endpoint(endpoint.pk, {"enabled": True})
    clock.shift(timedelta(days=5))
    assert parked.replay() == 1
    attempt()
    message.refresh_from_db()
    assert (message.status, len(receiver.received)) == ("sent", 2)


def test_a_replayed_message_is_tried_for_three_days_anew(clock, receiver, endpoint, broker):
    told(a_confirmation())
    Message.objects.update(status="parked", next_attempt_at=None)
    clock.shift(timedelta(days=9))
    parked.replay()
    receiver.answers = [500]
    attempt()
    message = Message.objects.get()
    assert (message.status, message.give_up_at) == ("ready", message.created_at + timedelta(days=12))


def test_a_letter_that_is_replayed_has_no_time_to_give_up_at(broker):
    from modules.notifications.tests.factories import MessageFactory

    letter = MessageFactory.create(status="parked", next_attempt_at=None, attempts=13)
    parked.replay()
    letter.refresh_from_db()
    assert (letter.status, letter.give_up_at) == ("ready", None)


def test_what_was_told_is_forgotten_after_a_month_and_a_removed_endpoint_with_it(clock, receiver, endpoint, broker):
    told(a_confirmation())
    attempt()
    told(a_confirmation(), position=2)
    Message.objects.filter(position=2).update(status="parked", next_attempt_at=None)
    clock.shift(timedelta(days=31))
    assert log.forget_old() == 1
    assert Message.objects.get().position == 2

    endpoints.remove_endpoint(endpoint.pk)
    clock.shift(timedelta(days=31))
    assert log.forget_old() == 1
    assert not WebhookEndpoint.objects.exists()


def test_webhooks_go_on_while_the_mail_provider_rests(clock, receiver, endpoint, provider, broker):
    provider.failure = ConnectionRefusedError("nobody")
    for letter in MessageFactory.create_batch(6):
        deliveries.deliver(letter.pk)
    told(a_confirmation())
    message = Message.objects.get(channel="webhook")
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    assert message.status == "sent"
