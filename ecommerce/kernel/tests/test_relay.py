"""The relay as a process: what holds one thing up must not hold up the others."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import httpx2
import pytest
from django.db import connections
from django.test import override_settings

from ecommerce.kernel import events, remote
from ecommerce.kernel.db import in_database
from ecommerce.kernel.events import publish
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Delivery
from ecommerce.kernel.relay import Relay
from ecommerce.kernel.tests.facts import NAME, Happened

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def running() -> Iterator[None]:
    relay = Relay()

    def run() -> None:
        relay.run()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        relay.stop()
        thread.join()


def test_a_listener_that_hangs_elsewhere_holds_up_nobody_here() -> None:
    asked, answered, heard = threading.Event(), threading.Event(), threading.Event()
    subscriptions = {("orders", NAME): events.Subscription(Happened, [lambda event: heard.set()])}
    topology = override_settings(
        EVENT_ROUTES={NAME: ("notifications",)},
        LOCAL_MODULES=("catalog", "orders"),
        REMOTE_MODULES={"notifications": "http://notifications.invalid"},
        SWEEP_SECONDS=0.2,
    )

    def hang(request: httpx2.Request) -> httpx2.Response:
        asked.set()
        answered.wait(20)
        return httpx2.Response(200, content=b"null")

    def say() -> None:
        with in_database("default"):
            publish(Happened(thing_id=new_id(), what="a"))

    remote.use_transport("notifications", httpx2.MockTransport(hang))
    with topology, patch.object(events, "_subscriptions", subscriptions):
        say()
        with running():
            assert asked.wait(5)
            with override_settings(EVENT_ROUTES={NAME: ("orders",)}):
                say()
            is_heard = heard.wait(3)
            answered.set()
            deadline = time.monotonic() + 5
            while Delivery.objects.using("default").filter(delivered_at=None).exists():
                assert time.monotonic() < deadline, "the hand-over was not noted"
                time.sleep(0.05)
    remote.use_transport("notifications", None)

    assert is_heard
