"""The relay's second half: a module's accepted events, handled once and in order per aggregate."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from django.conf import settings

from ecommerce.kernel import backoff, clock, observability, wire
from ecommerce.kernel.db import alias_of, in_database
from ecommerce.kernel.events import Announcement, handling, subscription
from ecommerce.kernel.logs import describe
from ecommerce.kernel.models import InboxEvent
from ecommerce.kernel.nudges import nudge

log = structlog.get_logger()

# The earliest event of an aggregate that is not handled yet holds back the later ones, parked or not.
_NEXT = """
    SELECT head.* FROM kernel_inboxevent head
    WHERE head.handled_at IS NULL AND head.parked_at IS NULL AND head.next_attempt_at <= %s
      AND head.listener = ANY(%s)
      AND NOT EXISTS (
        SELECT 1 FROM kernel_inboxevent earlier
        WHERE earlier.handled_at IS NULL AND earlier.listener = head.listener AND earlier.source = head.source
          AND earlier.aggregate_id = head.aggregate_id AND earlier.position < head.position)
    ORDER BY head.next_attempt_at LIMIT 1
    FOR UPDATE SKIP LOCKED
"""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """An event on its way from an outbox to an inbox."""

    event_id: UUID
    source: str
    name: str
    aggregate_id: UUID
    position: int
    payload: str
    context: str


class NobodyHandlesIt(Exception):
    """The module has no handler for this event: its code is older than the sender's routes."""


def accept_events(*, listener: str, events: list[Envelope]) -> None:
    """Write events into the listener's inbox. Repeating it changes nothing."""
    now = clock.now()
    rows = [
        InboxEvent(
            event_id=event.event_id,
            listener=listener,
            source=event.source,
            name=event.name,
            aggregate_id=event.aggregate_id,
            position=event.position,
            payload=msgspec.json.decode(event.payload),
            context=msgspec.json.decode(event.context),
            received_at=now,
            next_attempt_at=now,
        )
        for event in events
    ]
    InboxEvent.objects.using(alias_of(listener)).bulk_create(rows, ignore_conflicts=True)
    nudge(listener)


def drain(alias: str, limit: int = 500) -> int:
    """Handle what is due in that database; returns how many events were handled or failed."""
    count = 0
    while count < limit and handle_next(alias):
        count += 1
    return count


def handle_next(alias: str) -> bool:
    """Handle the next due event, if there is one, in one transaction with its inbox row."""
    row: InboxEvent | None = None
    try:
        with in_database(alias):
            row = _next(alias)
            if row is None:
                return False
            with observability.bound(row.context):
                _handle(row)
            InboxEvent.objects.using(alias).filter(pk=row.pk).update(handled_at=clock.now(), last_error="")
    except Exception as error:  # a handler's fault is kept on its row, never stops the others
        if row is None:
            raise
        _failed(alias, row, error)
    return True


def replay(alias: str, *, ids: list[UUID] | None = None) -> int:
    """Give parked events (all, or these) another round of attempts; repeating it is safe."""
    parked = InboxEvent.objects.using(alias).filter(parked_at__isnull=False, handled_at=None)
    if ids is not None:
        parked = parked.filter(pk__in=ids)
    return parked.update(parked_at=None, attempts=0, next_attempt_at=clock.now())


def parked(alias: str) -> Any:
    """The parked events, oldest first."""
    return InboxEvent.objects.using(alias).filter(parked_at__isnull=False, handled_at=None).order_by("parked_at")


def forget(alias: str, older_than: timedelta) -> int:
    """Delete rows handled longer ago than that."""
    old = InboxEvent.objects.using(alias).filter(handled_at__lt=clock.now() - older_than)
    return old.delete()[0]


def _next(alias: str) -> InboxEvent | None:
    rows = InboxEvent.objects.using(alias).raw(_NEXT, [clock.now(), list(settings.LOCAL_MODULES)])
    return next(iter(rows), None)


def _handle(row: InboxEvent) -> None:
    known = subscription(row.listener, row.name)
    if known is None:
        raise NobodyHandlesIt(row.name)
    event: Any = wire.from_plain(row.payload, known.event)
    with handling(Announcement(event_id=row.event_id, position=row.position)):
        for handler in known.handlers:
            handler(event)


def _failed(alias: str, row: InboxEvent, error: Exception) -> None:
    attempts = row.attempts + 1
    changes: dict[str, Any] = {"attempts": attempts, "last_error": describe(error)}
    if attempts >= backoff.ATTEMPTS_BEFORE_PARKING:
        changes["parked_at"] = clock.now()
    else:
        changes["next_attempt_at"] = backoff.next_attempt(attempts)
    InboxEvent.objects.using(alias).filter(pk=row.pk, handled_at=None).update(**changes)
    log.error("handler_failed", listener=row.listener, name=row.name, attempts=attempts, exc_info=error)
