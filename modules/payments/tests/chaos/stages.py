"""Where scenarios are played: each time from nothing, and undone afterwards, so that thousands go into one test."""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import time_machine
from django.db import transaction

from ecommerce.kernel.db import alias_of
from modules.payments.logic.providers import breakers
from modules.payments.tests.chaos.outcomes import outcome
from modules.payments.tests.chaos.scenarios import Scenario
from modules.payments.tests.chaos.shop import Shop
from modules.payments.tests.chaos.worlds import World, deliver

# CHAOS=all: the full form, `make test-chaos`.
ALL = os.environ.get("CHAOS") == "all"


@contextmanager
def undone(world: World) -> Iterator[None]:
    """Whatever is done inside has not been, here and at the provider's. No transaction of the kernel's is open."""
    using = alias_of("payments")
    bring_back = world.remember()
    point = transaction.savepoint(using)
    try:
        yield
    finally:
        transaction.savepoint_rollback(point, using)
        transaction.savepoint_commit(point, using)
        bring_back()


@contextmanager
def stage(world: World) -> Iterator[Shop]:
    """A shop that knows nothing yet, at a provider that knows nothing either; its time may be moved on."""
    breakers.reset()
    with undone(world), time_machine.travel(dt.datetime.now(dt.UTC), tick=True) as traveller:
        yield Shop(world, traveller)


def reference_of(world: World, scenario: Scenario) -> dict[str, Any]:
    """How the scenario ends where each event comes at once, and only once."""
    with stage(world) as shop:
        heard = 0
        for _ in scenario.course(shop):
            for number in range(heard, world.count()):
                deliver(world, number)
            heard = world.count()
            shop.relay()
        for number in range(heard, world.count()):
            deliver(world, number)
        shop.settle()
        ended = outcome(shop)
        scenario.check(ended)
        assert shop.reconcile(fix=False) == []
        return ended
