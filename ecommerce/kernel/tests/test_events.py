"""Facts: written with their data, handed over in order, handled once, parked and replayed."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from ecommerce.kernel import backoff, clock, inbox, outbox
from ecommerce.kernel.db import NoTransaction, in_database
from ecommerce.kernel.events import publish
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Delivery, InboxEvent, OutboxEvent
from ecommerce.kernel.testing import relay_until_quiet
from ecommerce.kernel.tests.facts import Happened, listening

pytestmark = pytest.mark.django_db(transaction=True)

DB = "default"


def say(thing_id: UUID, *what: str) -> None:
    for one in what:
        with in_database(DB):
            publish(Happened(thing_id=thing_id, what=one))


def make_due() -> None:
    Delivery.objects.using(DB).update(next_attempt_at=clock.now(), claimed_until=None)
    InboxEvent.objects.using(DB).update(next_attempt_at=clock.now())


def test_a_fact_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NoTransaction):
        publish(Happened(thing_id=new_id(), what="a"))

    assert OutboxEvent.objects.using(DB).count() == 0


def test_a_fact_whose_transaction_fails_was_never_said() -> None:
    def says_and_fails() -> None:
        with in_database(DB):
            publish(Happened(thing_id=new_id(), what="a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        says_and_fails()

    assert OutboxEvent.objects.using(DB).count() == 0


def test_a_fact_reaches_its_listener_once() -> None:
    thing = new_id()
    heard: list[Any] = []
    with listening(heard.append):
        say(thing, "a")
        relay_until_quiet()
        relay_until_quiet()

    assert heard == [Happened(thing_id=thing, what="a")]
    assert Delivery.objects.using(DB).get().delivered_at is not None


def test_the_facts_of_one_thing_are_heard_in_the_order_they_were_said() -> None:
    thing = new_id()
    heard: list[Any] = []
    with listening(lambda event: heard.append(event.what)):
        say(thing, "a", "b", "c", "d")
        relay_until_quiet()

    assert heard == ["a", "b", "c", "d"]


def test_a_hand_over_that_is_repeated_is_accepted_once() -> None:
    heard: list[Any] = []
    with listening(heard.append):
        say(new_id(), "a")
        outbox.hand_over(DB)
        # The relay died before it could note that the inbox had answered.
        Delivery.objects.using(DB).update(delivered_at=None)
        relay_until_quiet()

    assert len(heard) == 1


def test_a_listener_that_is_away_gets_its_facts_when_it_is_back() -> None:
    heard: list[Any] = []
    with listening(heard.append, listener="elsewhere"):
        say(new_id(), "a")
        assert outbox.hand_over(DB) == 0
    assert Delivery.objects.using(DB).get().last_error != ""

    Delivery.objects.using(DB).update(listener="orders")
    with listening(heard.append):
        make_due()
        relay_until_quiet()

    assert len(heard) == 1


def test_a_failing_handler_leaves_nothing_and_is_tried_again() -> None:
    thing = new_id()
    heard: list[Any] = []

    def handle(event: Happened) -> None:
        with connections[DB].cursor() as cursor:
            cursor.execute("INSERT INTO kernel_heartbeat VALUES ('trace', now())")
        if not heard:
            heard.append("failed")
            raise RuntimeError("not now")
        heard.append(event.what)

    with listening(handle):
        say(thing, "a")
        relay_until_quiet()
        assert InboxEvent.objects.using(DB).get().attempts == 1
        with connections[DB].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kernel_heartbeat")
            assert cursor.fetchone() == (0,)
        make_due()
        relay_until_quiet()

    assert heard == ["failed", "a"]


def test_a_parked_fact_holds_back_its_followers_but_nobody_elses_and_replay_frees_them() -> None:
    sick, well = new_id(), new_id()
    heard: list[Any] = []
    is_broken = True

    def handle(event: Happened) -> None:
        if is_broken and event.what == "bad":
            raise RuntimeError("broken")
        heard.append(event.what)

    with listening(handle):
        say(sick, "bad", "after")
        say(well, "fine")
        for _ in range(backoff.ATTEMPTS_BEFORE_PARKING):
            make_due()
            relay_until_quiet()
        assert heard == ["fine"]
        assert [row.payload["what"] for row in inbox.parked(DB)] == ["bad"]

        is_broken = False
        assert inbox.replay(DB) == 1
        relay_until_quiet()

    assert heard == ["fine", "bad", "after"]


def test_several_relays_at_once_hear_everything_once_and_in_order() -> None:
    things = [new_id() for _ in range(6)]
    heard: list[tuple[UUID, str]] = []
    guard = threading.Lock()

    def handle(event: Happened) -> None:
        with guard:
            heard.append((event.thing_id, event.what))

    def relay() -> None:
        try:
            for _ in range(60):
                outbox.hand_over(DB)
                inbox.drain(DB)
        finally:
            connections.close_all()

    with listening(handle):
        for what in "abc":
            for thing in things:
                say(thing, what)
        threads = [threading.Thread(target=relay) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        relay_until_quiet()

    assert len(heard) == 18
    assert all([what for thing, what in heard if thing == one] == ["a", "b", "c"] for one in things)


def test_a_row_that_the_database_refuses_is_not_quoted() -> None:
    def handle(event: Happened) -> None:
        with connections[DB].cursor() as cursor:
            cursor.execute("INSERT INTO kernel_heartbeat VALUES ('Ada Lovelace', NULL)")

    with listening(handle):
        say(new_id(), "a")
        relay_until_quiet()

    error = InboxEvent.objects.using(DB).get().last_error
    assert "violates not-null constraint" in error
    assert "Lovelace" not in error


def test_facts_that_nobody_listens_to_are_forgotten_too() -> None:
    say(new_id(), "a")
    OutboxEvent.objects.using(DB).update(created_at=clock.now() - timedelta(days=40))

    outbox.forget(DB, timedelta(days=30))

    assert OutboxEvent.objects.using(DB).count() == 0


def test_old_rows_are_forgotten_only_when_everyone_has_them() -> None:
    with listening(lambda _: None):
        say(new_id(), "a")
        relay_until_quiet()
        say(new_id(), "b")
    OutboxEvent.objects.using(DB).update(created_at=clock.now() - timedelta(days=40))

    outbox.forget(DB, timedelta(days=30))

    assert [event.payload["what"] for event in OutboxEvent.objects.using(DB).all()] == ["b"]
