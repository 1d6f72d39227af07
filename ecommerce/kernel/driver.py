"""Driving an aggregate's durable steps: one after the other, under its lease, until done or parked."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connections, models

from ecommerce.kernel import backoff, clock, observability
from ecommerce.kernel.db import in_database, refuse_in_transaction
from ecommerce.kernel.leases import Lease, LeaseLost, claim, due, let_go, release
from ecommerce.kernel.logs import describe
from ecommerce.kernel.models import Saga, Step
from ecommerce.kernel.steps import Run, is_passing, perform

log = structlog.get_logger()

# How long a request waits for another driver of the same aggregate, and how often it looks.
PATIENCE = timedelta(seconds=3)
LOOK_EVERY_SECONDS = 0.05


def drive(lease: Lease, runs: list[Run] | None = None, *, patient: bool = False) -> None:
    """Run the aggregate's steps in order until none is due, then let the lease go.

    `patient` is the relay's way: a failure is written down for later. Otherwise (a request is waiting) it is raised
    too, and the relay goes on from there.
    """
    refuse_in_transaction("a durable step")
    course = _Course(lease, runs)
    while (run := course.next()) is not None:
        try:
            with observability.bound(run.context):
                _attempt(run)
        except LeaseLost:
            log.info("lease_lost", module=lease.module, aggregate_id=str(lease.aggregate_id))
            return
        except Exception as error:  # whatever a step meets, it is kept on its row and tried again
            _failed(run, error)
            if not patient:
                let_go(lease)
                raise
        course.went(run)


def drive_or_wait(module: str, aggregate_id: UUID, is_done: Callable[[], bool]) -> None:
    """Run the aggregate's steps; while somebody else is at them, wait until `is_done` or for some seconds, no longer.

    Most of who else is at it is done in milliseconds (a webhook about the same payment), and does our steps as well.
    """
    give_up_at = clock.now() + PATIENCE
    while (lease := claim(module, aggregate_id)) is None:
        if is_done() or clock.now() > give_up_at:
            return
        time.sleep(LOOK_EVERY_SECONDS)
    drive(lease)


def run_due(alias: str, limit: int = 100) -> int:
    """Drive what is due in that database, one aggregate after the other; returns how many were driven."""
    driven = 0
    for module, aggregate_id in due(alias, limit):
        # Each when it is its turn: one that is held while another is driven would keep that waiting for itself.
        if (lease := claim(module, aggregate_id)) is not None:
            drive(lease, patient=True)
            driven += 1
    return driven


def replay(alias: str, *, positions: list[int] | None = None) -> int:
    """Give parked steps (all, or these) another round of attempts; repeating it is safe."""
    parked = Step.objects.using(alias).filter(status="parked")
    if positions is not None:
        parked = parked.filter(position__in=positions)
    now, count = clock.now(), 0
    for module, aggregate_id, position in parked.values_list("module", "aggregate_id", "position"):
        with in_database(alias):
            saga = Saga.objects.using(alias).filter(module=module, aggregate_id=aggregate_id)
            saga.update(next_run_at=now, version=models.F("version") + 1)
            # Skipped since it was read, it stays so.
            still = Step.objects.using(alias).filter(position=position, status="parked")
            count += still.update(status="pending", attempts=0, next_attempt_at=now)
    return count


class _Course:
    """What the holder of a lease has to do next: the steps it wrote itself, then whatever the table holds."""

    def __init__(self, lease: Lease, runs: list[Run] | None) -> None:
        self.lease, self.runs, self.version = lease, runs or [], 1
        self.stale = not self.runs

    def next(self) -> Run | None:
        if not self.stale and self.runs:
            return self.runs.pop(0)
        if not self.stale and release(self.lease, self.version, None):
            return None
        return self._look()

    def went(self, run: Run) -> None:
        # A step failed, or somebody (the step itself, a handler) added or skipped some: what we hold is stale.
        self.stale = self.stale or not run.finished or run.version != self.version

    def _look(self) -> Run | None:
        while True:
            found = _head(self.lease)
            if found is None:
                return None
            version, run, due_at = found
            self.version = version
            if run is not None:
                return run
            if release(self.lease, version, due_at):
                return None


_HEAD = """
    SELECT saga.version, step.position, step.name, step.arguments::text, step.context::text, step.attempts, step.status,
           step.next_attempt_at
    FROM kernel_saga saga LEFT JOIN LATERAL (
        SELECT * FROM kernel_step
        WHERE module = saga.module AND aggregate_id = saga.aggregate_id AND status IN ('pending', 'parked')
        ORDER BY position LIMIT 1) step ON true
    WHERE saga.module = %s AND saga.aggregate_id = %s AND saga.token = %s
"""


def _head(lease: Lease) -> tuple[int, Run | None, datetime | None] | None:
    """The saga's version and its first open step if that is due, else when it will be; None when the lease is lost."""
    with connections[lease.alias].cursor() as cursor:
        cursor.execute(_HEAD, [lease.module, lease.aggregate_id, lease.token])
        row = cursor.fetchone()
    if row is None:
        return None
    version, position, name, arguments, context, attempts, status, due_at = row
    if position is None or status == "parked":
        return version, None, None
    if due_at > clock.now():
        return version, None, due_at
    return version, Run(lease, position, name, arguments, json.loads(context), attempts), None


def _attempt(run: Run) -> None:
    perform(run)
    if not run.finished:
        with in_database(run.lease.alias):
            run.finish()


def _failed(run: Run, error: Exception) -> None:
    run.finished = False
    attempts = run.attempts + 1
    changes: dict[str, Any] = {"attempts": attempts, "last_error": describe(error)}
    # An unknown outcome is asked for until it is known; any other fault is for people to look at in the end.
    if run.is_last_attempt and not is_passing(error):
        changes["status"] = "parked"
    else:
        changes["next_attempt_at"] = backoff.next_attempt(attempts)
    Step.objects.using(run.lease.alias).filter(position=run.step_id, status="pending").update(**changes)
    log.warning("step_failed", step=run.name, aggregate_id=str(run.aggregate_id), attempts=attempts, exc_info=error)
