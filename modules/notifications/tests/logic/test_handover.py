import socket
import time
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from celery import current_app
from django.db import connections

from ecommerce.kernel import clock
from modules.notifications import tasks
from modules.notifications.logic import deliveries, handover
from modules.notifications.models import Delivery, Message
from modules.notifications.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)

A_WHILE_AGO = timedelta(seconds=1)


def test_what_the_broker_lost_is_handed_over_again(broker):
    message = MessageFactory.create(handed_until=clock.now() - A_WHILE_AGO)
    tasks.send_due()
    assert broker == [message.pk]


def test_what_the_broker_has_is_not_handed_over_twice(broker):
    MessageFactory.create(handed_until=clock.now() + A_WHILE_AGO)
    tasks.send_due()
    tasks.send_due()
    assert broker == []


def test_only_what_is_due_is_handed_over_longest_waiting_first(broker):
    now = clock.now()
    MessageFactory.create(next_attempt_at=now + timedelta(minutes=1))
    MessageFactory.create(claimed_until=now + timedelta(minutes=1))
    MessageFactory.create(status="parked")
    MessageFactory.create(status="sent", sent_at=now)
    later = MessageFactory.create(next_attempt_at=now - A_WHILE_AGO)
    sooner = MessageFactory.create(next_attempt_at=now - 2 * A_WHILE_AGO)
    assert handover.hand_over_due() == 2
    assert broker == [sooner.pk, later.pk]


def test_a_failed_message_is_sent_when_its_time_has_come(broker, provider):
    provider.failure = ConnectionRefusedError()
    message = MessageFactory.create(handed_until=clock.now() + timedelta(minutes=1))
    tasks.deliver_message(str(message.pk))
    tasks.send_due()
    assert broker == []
    Message.objects.update(next_attempt_at=clock.now())
    tasks.send_due()
    assert broker == [message.pk]
    provider.failure = None
    tasks.deliver_message(str(message.pk))
    message.refresh_from_db()
    assert (message.status, message.attempts) == ("sent", 2)


@pytest.fixture
def broker_url(monkeypatch):
    def use(url):
        monkeypatch.setattr(current_app.conf, "broker_write_url", url)

    return use


def test_a_broker_that_is_down_fails_nothing_and_delays_nothing(broker_url):
    broker_url("redis://127.0.0.1:1/0")
    message = MessageFactory.create(handed_until=clock.now() + timedelta(minutes=1))
    started = time.monotonic()
    handover.hand_over([message.pk])
    assert time.monotonic() - started < 1
    message.refresh_from_db()
    assert (message.status, message.handed_until) == ("ready", None)


def test_a_broker_that_hangs_fails_nothing_and_delays_by_less_than_a_second(broker_url):
    with socket.socket() as hanging:
        hanging.bind(("127.0.0.1", 0))
        hanging.listen()
        broker_url(f"redis://127.0.0.1:{hanging.getsockname()[1]}/0")
        message = MessageFactory.create(handed_until=clock.now() + timedelta(minutes=1))
        started = time.monotonic()
        handover.hand_over([message.pk])
        assert time.monotonic() - started < 1
    message.refresh_from_db()
    assert (message.status, message.handed_until) == ("ready", None)


def test_a_broker_that_stays_away_is_not_asked_for_each_message(broker_url, monkeypatch):
    broker_url("redis://127.0.0.1:1/0")
    asked = []
    publish = handover._publish

    def counted(ids):
        asked.append(ids)
        publish(ids)

    monkeypatch.setattr(handover, "_publish", counted)
    for message in MessageFactory.create_batch(8):
        handover.hand_over([message.pk])
    assert len(asked) == 5


def test_a_connection_that_the_broker_has_ended_is_made_anew():
    first, second = MessageFactory.create_batch(2, handed_until=clock.now() + timedelta(minutes=1))
    handover.hand_over([first.pk])
    with current_app.connection_for_write() as other:
        redis = other.default_channel.client
        queued = redis.llen("celery")
        redis.client_kill_filter(_type="normal", skipme=True)
        handover.hand_over([second.pk])
        assert redis.llen("celery") > queued  # other tests use the same broker
    second.refresh_from_db()
    assert second.handed_until is not None


def test_many_workers_at_once_send_a_message_once(provider):
    message = MessageFactory.create()
    ready = Barrier(8)

    def work():
        ready.wait()
        deliveries.deliver(message.pk)
        connections.close_all()

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(provider.taken) == 1
    assert Delivery.objects.count() == 1
