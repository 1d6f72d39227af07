"""Durable steps: what must happen outside a transaction, written inside the one that decided it.

A step is a function that asks other modules or a provider and then records what came of it:

    @step
    def hold_stock(run: Run, *, lines: list[StockLine]) -> None:
        catalog_service.hold_stock(order_id=run.aggregate_id, lines=lines)
        with run.done(Order):
            ...local changes, in one transaction with the step's own row...

An aggregate's steps run one after the other, each until it is done or parked, driven by whoever holds the aggregate's
lease: the request that wrote them (the quick path), or the relay once that lease has run out. A step may run twice, so
what it asks for must be repeatable; what it records is refused when the lease was lost meanwhile.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connections, models

from ecommerce.kernel import backoff, clock, ids, observability, wire
from ecommerce.kernel.db import alias_of, atomic, current_alias, in_database, refuse_in_transaction
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.models import Saga, Step
from ecommerce.kernel.nudges import nudge_on_commit

log = structlog.get_logger()

LEASE = timedelta(seconds=60)

StepFunction = Callable[..., None]


class LeaseLost(Exception):
    """Another driver has taken this aggregate's steps over; what this one did counts for nothing."""


class Lease(NamedTuple):
    """The right to drive one aggregate's steps, for as long as nobody else has claimed it."""

    module: str
    aggregate_id: UUID
    token: UUID

    @property
    def alias(self) -> str:
        return alias_of(self.module)


class NewStep(NamedTuple):
    """A step to be written: the function, its keyword arguments, `key` where an aggregate may need it repeatedly."""

    function: StepFunction
    arguments: dict[str, Any] = {}
    key: str = ""


@dataclass
class Run:
    """One attempt at one step, under its aggregate's lease."""

    lease: Lease
    step_id: int
    name: str
    arguments: str = "{}"
    context: dict[str, str] = field(default_factory=dict)
    attempts: int = 0
    finished: bool = False
    version: int = 0
    # What the step leaves for the request that drives it; gone with the process, so never needed.
    result: Any = None

    @property
    def aggregate_id(self) -> UUID:
        return self.lease.aggregate_id

    @contextmanager
    def done(self, model: type[models.Model]) -> Iterator[None]:
        """One transaction for what the step changes here and that it is done; LeaseLost rolls all of it back."""
        with atomic(model):
            yield
            # Last, so that every writer locks the aggregate's own row before the saga's.
            _finish(self)


_steps: dict[str, StepFunction] = {}


def step(function: StepFunction) -> StepFunction:
    """Register a function of modules/<module>/logic as a step, under `<module>.<its name>`."""
    _steps[step_name(function)] = function
    return function


def step_name(function: StepFunction) -> str:
    """The name a step is stored under: renaming the function orphans the rows already written."""
    return f"{function.__module__.split('.')[1]}.{function.__name__}"


def add_steps(aggregate_id: UUID, steps: Sequence[StepFunction | NewStep], *, instead: bool = False) -> None:
    """Write steps in the open transaction, after those that are there; one that is there already stays as it is.

    `instead` skips what is still pending first: for turning round and undoing.
    """
    alias, module = current_alias(), _module(steps[0])
    if instead:
        skip_steps(module, aggregate_id)
    _insert(alias, module, aggregate_id, steps, token=None)
    nudge_on_commit(module, alias)


def skip_steps(module: str, aggregate_id: UUID) -> None:
    """In the open transaction, give up what is still pending; a step that is running now is still recorded as done."""
    alias = current_alias()
    pending = Step.objects.using(alias).filter(module=module, aggregate_id=aggregate_id, status="pending")
    pending.update(status="skipped", finished_at=clock.now())
    saga = Saga.objects.using(alias).filter(module=module, aggregate_id=aggregate_id)
    saga.update(version=models.F("version") + 1)


def begin(aggregate_id: UUID, steps: Sequence[StepFunction | NewStep]) -> tuple[Lease, list[Run]]:
    """Write a new aggregate's steps with the lease already held by the caller, who drives them: the quick path."""
    alias, module = current_alias(), _module(steps[0])
    lease = Lease(module, aggregate_id, ids.new_id())
    return lease, _insert(alias, module, aggregate_id, steps, token=lease.token)


def claim(module: str, aggregate_id: UUID) -> Lease | None:
    """Take the lease of an aggregate, or None while somebody else holds it."""
    lease = Lease(module, aggregate_id, ids.new_id())
    now = clock.now()
    free = Saga.objects.using(lease.alias).filter(
        models.Q(leased_until=None) | models.Q(leased_until__lt=now), module=module, aggregate_id=aggregate_id
    )
    return lease if free.update(token=lease.token, leased_until=now + LEASE) else None


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
                _let_go(lease)
                raise
        course.went(run)


def due(alias: str, limit: int) -> list[tuple[str, UUID]]:
    """The aggregates whose steps are due and driven by nobody."""
    now = clock.now()
    free = models.Q(leased_until=None) | models.Q(leased_until__lt=now)
    sagas = Saga.objects.using(alias).filter(free, next_run_at__lte=now, module__in=settings.LOCAL_MODULES)
    return list(sagas.order_by("next_run_at").values_list("module", "aggregate_id")[:limit])


def run_due(alias: str, limit: int = 100) -> int:
    """Drive what is due in that database, one aggregate after the other; returns how many were driven."""
    leases = [claim(module, aggregate_id) for module, aggregate_id in due(alias, limit)]
    for lease in filter(None, leases):
        drive(lease, patient=True)
    return sum(lease is not None for lease in leases)


def replay(alias: str, *, positions: list[int] | None = None) -> int:
    """Give parked steps (all, or these) another round of attempts; repeating it is safe."""
    parked = Step.objects.using(alias).filter(status="parked")
    if positions is not None:
        parked = parked.filter(position__in=positions)
    now, count = clock.now(), 0
    for module, aggregate_id, position in parked.values_list("module", "aggregate_id", "position"):
        with in_database(alias):
            Step.objects.using(alias).filter(position=position).update(
                status="pending", attempts=0, next_attempt_at=now
            )
            saga = Saga.objects.using(alias).filter(module=module, aggregate_id=aggregate_id)
            saga.update(next_run_at=now, version=models.F("version") + 1)
        count += 1
    return count


class _Course:
    """What the holder of a lease has to do next: the steps it wrote itself, then whatever the table holds."""

    def __init__(self, lease: Lease, runs: list[Run] | None) -> None:
        self.lease, self.runs, self.version = lease, runs or [], 1
        self.stale = not self.runs

    def next(self) -> Run | None:
        if not self.stale and self.runs:
            return self.runs.pop(0)
        if not self.stale and _release(self.lease, self.version, None):
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
            if _release(self.lease, version, due_at):
                return None


_INSERT = """
    WITH saga AS (
        INSERT INTO kernel_saga (module, aggregate_id, token, leased_until, next_run_at, version)
        VALUES (%(module)s, %(aggregate_id)s, %(token)s, %(leased_until)s, %(now)s, 1)
        ON CONFLICT (module, aggregate_id)
        DO UPDATE SET next_run_at = excluded.next_run_at, version = kernel_saga.version + 1
        RETURNING version)
    INSERT INTO kernel_step (module, aggregate_id, name, key, arguments, context, status, attempts, next_attempt_at,
                             created_at, last_error)
    SELECT %(module)s, %(aggregate_id)s, name, key, arguments::jsonb, %(context)s::jsonb, 'pending', 0, %(now)s,
           %(now)s, ''
    FROM saga, unnest(%(names)s::text[], %(keys)s::text[], %(arguments)s::text[])
         WITH ORDINALITY AS step (name, key, arguments, place)
    ORDER BY place
    ON CONFLICT DO NOTHING
    RETURNING position, name, arguments::text
"""

_HEAD = """
    SELECT saga.version, step.position, step.name, step.arguments::text, step.context::text, step.attempts, step.status,
           step.next_attempt_at
    FROM kernel_saga saga LEFT JOIN LATERAL (
        SELECT * FROM kernel_step
        WHERE module = saga.module AND aggregate_id = saga.aggregate_id AND status IN ('pending', 'parked')
        ORDER BY position LIMIT 1) step ON true
    WHERE saga.module = %s AND saga.aggregate_id = %s AND saga.token = %s
"""

_FINISH = """
    WITH lease AS (
        UPDATE kernel_saga SET leased_until = %(leased_until)s
        WHERE module = %(module)s AND aggregate_id = %(aggregate_id)s AND token = %(token)s
        RETURNING version),
    step AS (
        UPDATE kernel_step SET status = 'done', finished_at = %(now)s, last_error = ''
        WHERE position = %(position)s AND EXISTS (SELECT FROM lease))
    SELECT version FROM lease
"""


def _insert(
    alias: str, module: str, aggregate_id: UUID, steps: Sequence[StepFunction | NewStep], token: UUID | None
) -> list[Run]:
    wanted = [new if isinstance(new, NewStep) else NewStep(new) for new in steps]
    now, context = clock.now(), observability.context()
    values: dict[str, Any] = {
        "module": module,
        "aggregate_id": aggregate_id,
        "token": token,
        "leased_until": now + LEASE if token else None,
        "now": now,
        "context": wire.encode(context).decode(),
        "names": [step_name(new.function) for new in wanted],
        "keys": [new.key for new in wanted],
        "arguments": [wire.encode(new.arguments).decode() for new in wanted],
    }
    with connections[alias].cursor() as cursor:
        cursor.execute(_INSERT, values)
        rows = cursor.fetchall()
    lease = Lease(module, aggregate_id, token or ids.new_id())
    return [Run(lease, position, name, arguments, context) for position, name, arguments in rows]


def _module(first: StepFunction | NewStep) -> str:
    return step_name(first.function if isinstance(first, NewStep) else first).split(".")[0]


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
    function = _steps[run.name]
    function(run, **wire.decode_arguments(function, run.arguments.encode()))
    if not run.finished:
        with in_database(run.lease.alias):
            _finish(run)


def _finish(run: Run) -> None:
    now = clock.now()
    values = run.lease._asdict() | {"now": now, "leased_until": now + LEASE, "position": run.step_id}
    with connections[run.lease.alias].cursor() as cursor:
        cursor.execute(_FINISH, values)
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost
    run.finished, run.version = True, row[0]


def _failed(run: Run, error: Exception) -> None:
    run.finished = False
    attempts = run.attempts + 1
    changes: dict[str, Any] = {"attempts": attempts, "last_error": repr(error)[:1000]}
    # An unknown outcome is asked for until it is known; any other fault is for people to look at in the end.
    if attempts >= backoff.ATTEMPTS_BEFORE_PARKING and not isinstance(error, Unavailable):
        changes["status"] = "parked"
    else:
        changes["next_attempt_at"] = backoff.next_attempt(attempts)
    Step.objects.using(run.lease.alias).filter(position=run.step_id, status="pending").update(**changes)
    log.warning("step_failed", step=run.name, aggregate_id=str(run.aggregate_id), attempts=attempts, exc_info=error)


def _release(lease: Lease, version: int, due_at: datetime | None) -> bool:
    """Let go and sleep until `due_at`; False when a step was added since `version` was read."""
    held = Saga.objects.using(lease.alias).filter(
        module=lease.module, aggregate_id=lease.aggregate_id, token=lease.token
    )
    return bool(held.filter(version=version).update(token=None, leased_until=None, next_run_at=due_at)) or not (
        held.exists()
    )


def _let_go(lease: Lease) -> None:
    """Leave the rest to the relay, at once."""
    held = Saga.objects.using(lease.alias).filter(
        module=lease.module, aggregate_id=lease.aggregate_id, token=lease.token
    )
    held.update(token=None, leased_until=None, next_run_at=clock.now())
