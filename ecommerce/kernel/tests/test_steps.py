"""Durable steps: in order, under a lease, until done or parked."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import OperationalError, connections

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


def test_a_database_that_is_away_parks_nothing() -> None:
    faults["first"] = OperationalError("too many connections")
    write(new_id(), first)
    for _ in range(backoff.ATTEMPTS_BEFORE_PARKING + 2):
        make_due()
        driver.run_due(DB)

    assert statuses() == ["pending"]


def test_a_row_that_the_database_refuses_is_not_quoted() -> None:
    def writes(run: Run) -> None:
        with run.done(Heartbeat), connections[DB].cursor() as cursor:
            cursor.execute("INSERT INTO kernel_heartbeat VALUES ('Ada Lovelace', NULL)")

    writes.__module__ = "modules.orders.logic.example"
    steps.step(writes)
    write(new_id(), writes)

    driver.run_due(DB)

    error = Step.objects.using(DB).get().last_error
    assert "violates not-null constraint" in error
    assert "Lovelace" not in error


def test_turning_round_skips_what_was_parked() -> None:
    thing = new_id()
    write(thing, first, second)
    Step.objects.using(DB).filter(name="orders.first").update(status="parked")

    with in_database(DB):
        add_steps(thing, [undo], instead=True)
    driver.run_due(DB)

    assert log == ["undo"]
    assert statuses() == ["skipped", "skipped", "done"]


def test_what_was_skipped_is_not_replayed() -> None:
    thing = new_id()
    write(thing, first)
    Step.objects.using(DB).update(status="parked")

    def skip_meanwhile(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and "SKIPPED" not in found:
            found.append("SKIPPED")
            with ThreadPoolExecutor(1) as pool:
                pool.submit(skip).result()
        return execute(sql, *rest)

    def skip() -> None:
        with in_database(DB):
            add_steps(thing, [undo], instead=True)
        connections.close_all()

    found: list[str] = []
    with connections[DB].execute_wrapper(skip_meanwhile):
        assert driver.replay(DB) == 0

    assert statuses() == ["skipped", "pending"]


def test_giving_up_steps_and_finishing_one_at_once_do_not_wait_in_a_circle() -> None:
    """The driver's statement starts between the two of the other, who holds what the first of them has locked."""
    thing = new_id()
    write(thing, first, second)
    lease = claim("orders", thing)
    assert lease is not None
    position = Step.objects.using(DB).order_by("position").values_list("position", flat=True)[0]

    def finish() -> None:
        with in_database(DB):
            leases.finish(lease, position)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        running: list[Any] = []

        def finish_in_between(execute: Any, sql: str, *rest: Any) -> Any:
            done = execute(sql, *rest)
            if sql.startswith("UPDATE") and not running:
                running.append(pool.submit(finish))
                time.sleep(0.3)
            return done

        with in_database(DB), connections[DB].execute_wrapper(finish_in_between):
            steps.skip_steps("orders", thing)
        running[0].result()

    assert statuses() == ["done", "skipped"]


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


def test_who_is_kept_waiting_by_another_driver_looks_until_it_is_done_and_no_longer_than_its_patience() -> None:
    thing = new_id()
    write(thing, first)
    lease = claim("orders", thing)
    assert lease is not None
    looks = iter([False, False, True])
    driver.drive_or_wait("orders", thing, lambda: next(looks))
    with patch.object(driver, "PATIENCE", timedelta()):
        driver.drive_or_wait("orders", thing, lambda: False)
    assert log == []

    leases.let_go(lease)
    driver.drive_or_wait("orders", thing, lambda: False)
    assert log == ["first"]
