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
from typing import Any, NamedTuple
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections, models

from ecommerce.kernel import backoff, clock, ids, leases, observability, wire
from ecommerce.kernel.db import atomic, current_alias
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.leases import LEASE, Lease
from ecommerce.kernel.models import Saga, Step
from ecommerce.kernel.nudges import nudge_on_commit

StepFunction = Callable[..., None]


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

    @property
    def is_last_attempt(self) -> bool:
        """Whether the step is parked should this attempt fail too (unless what fails `is_passing`)."""
        return self.attempts + 1 >= backoff.ATTEMPTS_BEFORE_PARKING

    @contextmanager
    def done(self, model: type[models.Model]) -> Iterator[None]:
        """One transaction for what the step changes here and that it is done; LeaseLost rolls all of it back."""
        with atomic(model):
            yield
            # Last, so that every writer locks the aggregate's own row before the saga's.
            self.finish()

    def finish(self) -> None:
        """In the open transaction, note that the step is done; LeaseLost when somebody else drives by now."""
        self.version = leases.finish(self.lease, self.step_id)
        self.finished = True


OPEN = ("pending", "parked")

_steps: dict[str, StepFunction] = {}


def step(function: StepFunction) -> StepFunction:
    """Register a function of modules/<module>/logic as a step, under `<module>.<its name>`."""
    _steps[step_name(function)] = function
    return function


def step_name(function: StepFunction) -> str:
    """The name a step is stored under: renaming the function orphans the rows already written."""
    return f"{function.__module__.split('.')[1]}.{function.__name__}"


def perform(run: Run) -> None:
    """Call a step's function with the arguments that were written for it."""
    function = _steps[run.name]
    function(run, **wire.decode_arguments(function, run.arguments.encode()))


def add_steps(aggregate_id: UUID, steps: Sequence[StepFunction | NewStep], *, instead: bool = False) -> None:
    """Write steps in the open transaction, after those that are there; one that is there already stays as it is.

    `instead` skips what is not done first, parked or not: for turning round and undoing.
    """
    alias, module = current_alias(), _module(steps[0])
    if instead:
        skip_steps(module, aggregate_id)
    _insert(alias, module, aggregate_id, steps, token=None)
    nudge_on_commit(module, alias)


def skip_steps(module: str, aggregate_id: UUID) -> None:
    """In the open transaction, give up what is pending or parked; a step that is running now is recorded as done."""
    alias = current_alias()
    # The saga before its steps, as everywhere: a driver that finishes a step now must not wait in a circle with us.
    saga = Saga.objects.using(alias).filter(module=module, aggregate_id=aggregate_id)
    saga.update(version=models.F("version") + 1)
    still_open = Step.objects.using(alias).filter(module=module, aggregate_id=aggregate_id, status__in=OPEN)
    still_open.update(status="skipped", finished_at=clock.now())


def same_steps(run: Run) -> list[int]:
    """The aggregate's other steps that are open now and ask for the very same thing (name and arguments)."""
    same = Step.objects.using(run.lease.alias).filter(
        module=run.lease.module,
        aggregate_id=run.aggregate_id,
        name=run.name,
        arguments=json.loads(run.arguments),
        status="pending",
    )
    return list(same.exclude(position=run.step_id).values_list("position", flat=True))


def finish_same(run: Run, positions: Sequence[int]) -> None:
    """In the open transaction, note that this run has done the work of these steps too: for what was found by
    `same_steps` before the work began, and is done by doing it once."""
    if positions:
        also = Step.objects.using(run.lease.alias).filter(position__in=positions, status="pending")
        also.update(status="done", finished_at=clock.now())


def has_step(function: StepFunction) -> models.Exists:
    """For a query over the aggregates' own table: those that have this step, in whatever state."""
    module, name = _module(function), step_name(function)
    return models.Exists(Step.objects.filter(module=module, aggregate_id=models.OuterRef("pk"), name=name))


def is_passing(error: Exception) -> bool:
    """Whether it is tried again without end: the outcome is unknown, or a database is away or overloaded."""
    return isinstance(error, Unavailable | OperationalError | InterfaceError)


def begin(aggregate_id: UUID, steps: Sequence[StepFunction | NewStep]) -> tuple[Lease, list[Run]]:
    """Write a new aggregate's steps with the lease already held by the caller, who drives them: the quick path."""
    alias, module = current_alias(), _module(steps[0])
    lease = Lease(module, aggregate_id, ids.new_id())
    return lease, _insert(alias, module, aggregate_id, steps, token=lease.token)


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
