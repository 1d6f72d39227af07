"""Durable steps: in order, under a lease, until done or parked."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from ecommerce.kernel import backoff, clock, driver, leases, steps
from ecommerce.kernel.db import CalledInTransaction, NoTransaction, in_database
from ecommerce.kernel.driver import drive
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.leases import claim
from ecommerce.kernel.models import Heartbeat, Saga, Step
from ecommerce.kernel.steps import NewStep, Run, add_steps, begin

pytestmark = pytest.mark.django_db(transaction=True)

DB = "default"
log: list[str] = []
faults: dict[str, Exception] = {}


def note(run: Run, name: str) -> None:
    if name in faults:
        raise faults[name]
    log.append(name)


def first(run: Run) -> None:
    note(run, "first")


def second(run: Run, *, what: str = "") -> None:
    note(run, "second" + what)


def third(run: Run) -> None:
    note(run, "third")


def turns_round(run: Run) -> None:
    note(run, "turns_round")
    with run.done(Heartbeat):
        add_steps(run.aggregate_id, [undo], instead=True)


def undo(run: Run) -> None:
    note(run, "undo")


def slow(run: Run) -> None:
    """Its lease runs out and another driver claims it before it can record anything."""
    Saga.objects.using(DB).update(token=new_id())
    with run.done(Heartbeat):
        Heartbeat.objects.using(DB).create(process="trace", beat_at=clock.now())


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    log.clear()
    faults.clear()
    functions = (first, second, third, turns_round, undo, slow)
    for function in functions:
        function.__module__ = "modules.orders.logic.example"
    with patch.object(steps, "_steps", {}):
        for function in functions:
            steps.step(function)
        yield


def write(aggregate_id: UUID, *wanted: Any) -> None:
    with in_database(DB):
        add_steps(aggregate_id, wanted)


def make_due() -> None:
    Step.objects.using(DB).filter(status="pending").update(next_attempt_at=clock.now())
    Saga.objects.using(DB).exclude(next_run_at=None).update(next_run_at=clock.now(), leased_until=None)


def statuses() -> list[str]:
    return list(Step.objects.using(DB).order_by("position").values_list("status", flat=True))


def test_steps_are_written_only_in_a_transaction() -> None:
    with pytest.raises(NoTransaction):
        add_steps(new_id(), [first])


def test_steps_run_in_the_order_written_and_once() -> None:
    write(new_id(), first, NewStep(second, {"what": "!"}), third)

    assert driver.run_due(DB) == 1
    assert driver.run_due(DB) == 0

    assert log == ["first", "second!", "third"]
    assert statuses() == ["done", "done", "done"]


def test_a_step_that_is_there_already_is_not_written_again_unless_its_key_differs() -> None:
    thing = new_id()
    write(thing, first)
    write(thing, first, NewStep(first, key="again"))

    driver.run_due(DB)

    assert log == ["first", "first"]


def test_a_failing_step_holds_back_the_next_and_is_tried_again() -> None:
    faults["second"] = RuntimeError("not now")
    write(new_id(), first, second, third)
    driver.run_due(DB)
    assert (log, statuses()) == (["first"], ["done", "pending", "pending"])

    faults.clear()
    make_due()
    driver.run_due(DB)

    assert log == ["first", "second", "third"]


def test_a_step_that_keeps_failing_is_parked_and_replayed() -> None:
    faults["first"] = RuntimeError("broken")
    write(new_id(), first, second)
    for _ in range(backoff.ATTEMPTS_BEFORE_PARKING):
        make_due()
        driver.run_due(DB)
    assert statuses() == ["parked", "pending"]
    make_due()
    assert driver.run_due(DB) == 0

    faults.clear()
    assert driver.replay(DB) == 1
    driver.run_due(DB)

    assert log == ["first", "second"]


def test_what_is_unavailable_is_asked_for_without_end() -> None:
    faults["first"] = Unavailable("away")
    write(new_id(), first)
    for _ in range(backoff.ATTEMPTS_BEFORE_PARKING + 2):
        make_due()
        driver.run_due(DB)

    assert statuses() == ["pending"]


def test_turning_round_skips_what_was_pending() -> None:
    write(new_id(), turns_round, second)

    driver.run_due(DB)

    assert log == ["turns_round", "undo"]
    assert statuses() == ["done", "skipped", "done"]


def test_a_lease_that_was_lost_records_nothing() -> None:
    write(new_id(), slow)

    driver.run_due(DB)

    assert statuses() == ["pending"]
    assert not Heartbeat.objects.using(DB).exists()


def test_only_one_driver_gets_the_lease_and_the_next_one_after_it_ran_out() -> None:
    thing = new_id()
    write(thing, first)

    assert claim("orders", thing) is not None
    assert claim("orders", thing) is None
    Saga.objects.using(DB).update(leased_until=clock.now() - timedelta(seconds=1))
    assert claim("orders", thing) is not None


def test_the_writer_drives_its_own_steps_and_the_relay_finds_nothing_left() -> None:
    with in_database(DB):
        lease, runs = begin(new_id(), [first, second])

    drive(lease, runs)

    assert log == ["first", "second"]
    assert leases.due(DB, 10) == []
    assert Saga.objects.using(DB).get().next_run_at is None


def test_the_relay_goes_on_when_the_writer_fails() -> None:
    faults["second"] = RuntimeError("not now")
    with in_database(DB):
        lease, runs = begin(new_id(), [first, second])
    with pytest.raises(RuntimeError):
        drive(lease, runs)

    faults.clear()
    make_due()
    driver.run_due(DB)

    assert log == ["first", "second"]


def test_the_relay_goes_on_when_the_writer_dies() -> None:
    with in_database(DB):
        begin(new_id(), [first, second])
    assert leases.due(DB, 10) == []

    Saga.objects.using(DB).update(leased_until=clock.now() - timedelta(seconds=1))
    driver.run_due(DB)

    assert log == ["first", "second"]


def test_a_step_added_while_the_last_one_runs_is_not_forgotten() -> None:
    thing = new_id()

    def adds(run: Run) -> None:
        write(thing, third)

    adds.__module__ = "modules.orders.logic.example"
    steps.step(adds)
    with in_database(DB):
        lease, runs = begin(thing, [adds])
    drive(lease, runs)

    assert log == ["third"]


def test_steps_are_not_driven_inside_a_transaction() -> None:
    with in_database(DB):
        lease, runs = begin(new_id(), [first])
        with pytest.raises(CalledInTransaction):
            drive(lease, runs)
