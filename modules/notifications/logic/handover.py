"""Handing messages to the Celery worker; the rows are what counts, a broker that is down delays a message."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from threading import local
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db.models import Q
from kombu.messaging import Producer

from ecommerce.kernel import clock
from ecommerce.kernel.breaker import Breaker
from ecommerce.kernel.db import atomic
from ecommerce.kernel.steps import Run
from modules.notifications.logic import breakers
from modules.notifications.logic.letters import Letter
from modules.notifications.logic.webhooks import turns
from modules.notifications.models import Message

log = structlog.get_logger()

DELIVER_MESSAGE = "notifications.deliver_message"
# Longer than a long queue takes, so that a backlog is not queued a second time behind itself.
IN_BROKERS_HANDS = timedelta(minutes=5)
LARGEST_BATCH = 2000

# A step waits for this: it is better to leave the message to the sweep than to wait for a broker.
_BROKER_SECONDS = 0.4
_breaker = Breaker()
_kept = local()


def ready(letter: Letter, address: str, *, later: timedelta | None = None) -> dict[str, object]:
    """The fields of a message that has its text: for the broker at once, or `later` for the sweep to find."""
    now = clock.now()
    return {
        "status": Message.Status.READY,
        "language": letter.language,
        "address": address,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "next_attempt_at": now + (later or timedelta()),
        "handed_until": None if later else now + IN_BROKERS_HANDS,
    }


def complete(run: Run, message: Message, changes: dict[str, object] | None, **also: object) -> None:
    """The end of a step that writes a draft: keep the text that will be sent (`ready`), or that nothing is to be told,
    and what else is known by now; hand over what is not held back."""
    with run.done(Message):
        draft = Message.objects.filter(pk=message.pk, status=Message.Status.DRAFT)
        completed = draft.update(**(changes or {"status": Message.Status.SKIPPED}), **also)
    if completed and changes and changes["handed_until"]:
        hand_over([message.pk])


def hand_over(message_ids: Sequence[UUID]) -> None:
    """Ask the worker to send these now; where the broker does not take them, the sweep finds them."""
    if _breaker.allows():
        try:
            _publish(message_ids)
        except Exception as error:  # kombu lets through whatever its transport meets
            _breaker.failed()
            log.warning("broker_unreachable", messages=len(message_ids), error=repr(error))
        else:
            _breaker.answered()
            return
    Message.objects.filter(pk__in=message_ids, status=Message.Status.READY).update(handed_until=None)


def hand_over_due() -> int:
    """Hand over what is due and in nobody's hands; returns how many messages. Any number may run at once."""
    now = clock.now()
    free = Q(handed_until=None) | Q(handed_until__lte=now)
    unclaimed = Q(claimed_until=None) | Q(claimed_until__lte=now)
    with atomic(Message):
        ready = Message.objects.filter(free, unclaimed, status=Message.Status.READY, next_attempt_at__lte=now)
        due = ready.filter(turns.sendable(now), breakers.sendable(now)).order_by("next_attempt_at")
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:LARGEST_BATCH])
        Message.objects.filter(pk__in=ids).update(handed_until=now + IN_BROKERS_HANDS)
    if ids:
        hand_over(ids)
    return len(ids)


def _publish(message_ids: Sequence[UUID]) -> None:
    if getattr(_kept, "url", None) == current_app.conf.broker_write_url:
        try:
            return _send(message_ids, _kept.producer)
        except Exception as error:  # whatever kombu lets through: the broker may have ended it since it was last used
            log.info("broker_connection_ended", error=repr(error))
            _drop_connection()
    _keep_connection()
    try:
        _send(message_ids, _kept.producer)
    except BaseException:
        _drop_connection()
        raise


def _send(message_ids: Sequence[UUID], producer: Producer) -> None:
    for message_id in message_ids:
        current_app.send_task(DELIVER_MESSAGE, args=[str(message_id)], producer=producer, retry=False)


def _keep_connection() -> None:
    """The thread's own: those that Celery keeps wait and retry for longer than a step may."""
    options: dict[str, Any] = settings.CELERY_BROKER_TRANSPORT_OPTIONS | {
        "socket_connect_timeout": _BROKER_SECONDS,
        "socket_timeout": _BROKER_SECONDS,
        "max_retries": 0,
    }
    _kept.connection = current_app.connection_for_write(transport_options=options)
    _kept.producer = current_app.amqp.Producer(_kept.connection, auto_declare=False)
    _kept.url = current_app.conf.broker_write_url


def _drop_connection() -> None:
    _kept.url = None
    with suppress(Exception):  # it is of no use any more, however it ends
        _kept.connection.release()
