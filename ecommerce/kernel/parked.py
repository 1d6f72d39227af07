"""What waits for people: events whose handlers, and steps whose functions, failed too often."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from ecommerce.kernel import driver, inbox, outbox
from ecommerce.kernel.db import local_aliases
from ecommerce.kernel.models import Step


class Parked(NamedTuple):
    """One event or step that is tried no more until somebody replays it."""

    id: UUID | int
    module: str
    name: str
    aggregate_id: UUID
    attempts: int
    since: datetime
    error: str


def parked_events(ids: list[UUID] | None = None) -> list[Parked]:
    """The parked events (all, or those of these) of every database, oldest first in each."""
    return [
        Parked(row.pk, row.listener, row.name, row.aggregate_id, row.attempts, row.parked_at, row.last_error)
        for alias in local_aliases()
        for row in inbox.parked(alias)
        if ids is None or row.pk in ids
    ]


def parked_steps(positions: list[int] | None = None) -> list[Parked]:
    """The parked steps (all, or those of these) of every database, oldest first in each."""
    return [
        Parked(row.position, row.module, row.name, row.aggregate_id, row.attempts, row.created_at, row.last_error)
        for alias in local_aliases()
        for row in _steps(alias).order_by("position")
        if positions is None or row.position in positions
    ]


def replay_events(ids: list[UUID] | None = None) -> int:
    """Give parked events (all, or those of these) another round of attempts; repeating it is safe."""
    return sum(inbox.replay(alias, ids=ids) for alias in local_aliases())


def replay_steps(positions: list[int] | None = None) -> int:
    """Give parked steps (all, or those of these) another round of attempts; repeating it is safe."""
    return sum(driver.replay(alias, positions=positions) for alias in local_aliases())


def count_parked() -> dict[str, int]:
    """How many there are of each kind."""
    aliases = local_aliases()
    return {
        "events": sum(inbox.parked(alias).count() for alias in aliases),
        "steps": sum(_steps(alias).count() for alias in aliases),
    }


def undelivered() -> tuple[int, datetime | None]:
    """How many events wait to be handed over in every database, and since when the oldest does."""
    waiting = [outbox.undelivered(alias) for alias in local_aliases()]
    return sum(count for count, _ in waiting), min((since for _, since in waiting if since), default=None)


def _steps(alias: str) -> Any:
    return Step.objects.using(alias).filter(status=Step.Status.PARKED)
