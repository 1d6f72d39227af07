"""The relay's first half: hands each event to each listener's inbox, an aggregate's events one after the other."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connections
from django.db.models import Exists, OuterRef

from ecommerce.kernel import backoff, clock, inbox
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.inbox import Envelope
from ecommerce.kernel.logs import describe
from ecommerce.kernel.models import Delivery, OutboxEvent
from ecommerce.kernel.remote import RemoteService

log = structlog.get_logger()

BATCH = 200
CLAIM = timedelta(seconds=30)

# Only the head of each (listener, aggregate) queue may be claimed: the next goes once this one is acknowledged.
# A relay that dies after the hand-over repeats it, which the inbox's unique key makes harmless.
_CLAIM = """
    WITH claimed AS (
        UPDATE kernel_delivery SET claimed_until = %(until)s, attempts = attempts + 1
        WHERE id IN (
            SELECT head.id FROM kernel_delivery head
            WHERE head.delivered_at IS NULL AND head.next_attempt_at <= %(now)s AND head.source = ANY(%(sources)s)
              AND head.listener = coalesce(%(to)s, head.listener) AND head.listener <> ALL(%(besides)s)
              AND (head.claimed_until IS NULL OR head.claimed_until <= %(now)s)
              AND NOT EXISTS (
                SELECT 1 FROM kernel_delivery earlier
                WHERE earlier.delivered_at IS NULL AND earlier.listener = head.listener
                  AND earlier.source = head.source AND earlier.aggregate_id = head.aggregate_id
                  AND earlier.event_id < head.event_id)
            ORDER BY head.next_attempt_at LIMIT %(batch)s
            FOR UPDATE SKIP LOCKED)
        RETURNING id, event_id, listener, source, attempts
    )
    SELECT claimed.id, claimed.listener, claimed.source, claimed.attempts,
           event.id, event.position, event.name, event.aggregate_id, event.payload::text, event.context::text
    FROM claimed JOIN kernel_outboxevent event ON event.position = claimed.event_id
    ORDER BY event.position
"""


class Claimed(NamedTuple):
    """One delivery this relay has to make now."""

    id: int
    listener: str
    attempts: int
    envelope: Envelope


def hand_over(alias: str, *, to: str | None = None, besides: Iterable[str] = ()) -> int:
    """Hand one batch of that database's events to their listeners (`to` one, or all `besides` some).

    Returns how many were acknowledged.
    """
    by_listener: dict[str, list[Claimed]] = defaultdict(list)
    for claimed in _claim(alias, to, list(besides)):
        by_listener[claimed.listener].append(claimed)
    return sum(_deliver(alias, listener, batch) for listener, batch in by_listener.items())


def undelivered(alias: str) -> tuple[int, datetime | None]:
    """How many deliveries wait and since when: the lag that health and metrics show."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(event.created_at) FROM kernel_delivery delivery"
            " JOIN kernel_outboxevent event ON event.position = delivery.event_id WHERE delivered_at IS NULL"
        )
        count, oldest = cursor.fetchone()
    return count, oldest


def forget(alias: str, older_than: timedelta) -> int:
    """Delete events that every listener acknowledged, written longer ago than that."""
    old = OutboxEvent.objects.using(alias).filter(created_at__lt=clock.now() - older_than)
    waiting = Delivery.objects.using(alias).filter(event=OuterRef("pk"), delivered_at=None)
    return old.filter(~Exists(waiting)).delete()[0]


def _claim(alias: str, to: str | None, besides: list[str]) -> list[Claimed]:
    now = clock.now()
    values: dict[str, Any] = {"now": now, "until": now + CLAIM, "batch": BATCH, "sources": list(settings.LOCAL_MODULES)}
    values |= {"to": to, "besides": besides}
    with connections[alias].cursor() as cursor:
        cursor.execute(_CLAIM, values)
        return [_claimed(row) for row in cursor.fetchall()]


def _claimed(row: tuple[Any, ...]) -> Claimed:
    delivery_id, listener, source, attempts, event_id, position, name, aggregate_id, payload, context = row
    envelope = Envelope(
        event_id=UUID(str(event_id)),
        source=source,
        name=name,
        aggregate_id=UUID(str(aggregate_id)),
        position=position,
        payload=payload,
        context=context,
    )
    return Claimed(delivery_id, listener, attempts, envelope)


def _deliver(alias: str, listener: str, batch: list[Claimed]) -> int:
    deliveries = Delivery.objects.using(alias).filter(pk__in=[claimed.id for claimed in batch])
    try:
        _accept(listener, [claimed.envelope for claimed in batch])
    except Exception as error:  # whatever keeps a listener from accepting, the facts wait for it
        again = backoff.next_attempt(max(claimed.attempts for claimed in batch))
        deliveries.update(next_attempt_at=again, claimed_until=None, last_error=describe(error))
        log.warning("hand_over_failed", listener=listener, events=len(batch), error=repr(error))
        return 0
    return deliveries.update(delivered_at=clock.now(), claimed_until=None, last_error="")


def _accept(listener: str, envelopes: list[Envelope]) -> None:
    if listener in settings.LOCAL_MODULES:
        inbox.accept_events(listener=listener, events=envelopes)
    elif listener in settings.REMOTE_MODULES:
        RemoteService(listener).call(None, "accept_events", listener=listener, events=envelopes)
    else:
        raise ServiceError(f"nobody knows where {listener} runs")
