"""Sending a message: one at a time, again after a failure, until it is sent or parked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import F, Q

from ecommerce.kernel import chance, clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.ids import new_id
from modules.notifications.logic import marketing_letters, order_letters, tracking
from modules.notifications.logic.channels import mail
from modules.notifications.logic.channels.letterbox import NotSent, NotWantedAnyMore, Receipt
from modules.notifications.logic.secret_links import with_link
from modules.notifications.models import Delivery, Message

log = structlog.get_logger()

CHANNELS: Mapping[str, Callable[[Message], Receipt]] = {Message.Channel.MAIL: mail.send}

# Longer than any channel waits for its provider; a worker that was killed is taken over after that.
LEASE = timedelta(minutes=2)
# With the pauses below, three to six hours: providers' bad days are longer than ours.
ATTEMPTS_BEFORE_PARKING = 13
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 3600.0


@dataclass(frozen=True)
class Attempt:
    """The right to send one message now, for as long as the lease holds."""

    message: Message
    delivery: Delivery
    token: UUID


def deliver(message_id: UUID) -> None:
    """Send one message if it is due and nobody else is sending it; repeating it is safe."""
    attempt = _claim(message_id)
    if attempt is None:
        return
    try:
        order_letters.require_wanted(attempt.message)
        marketing_letters.require_wanted(attempt.message)
        message = with_link(attempt.message)
        tracking.require_reachable(message)
        receipt = CHANNELS[message.channel](message)
    except NotWantedAnyMore as refusal:
        _skipped(attempt, refusal.code)
    except ServiceError as error:  # another module, which was asked whether it is wanted
        _failed(attempt, NotSent(code=error.code, permanent=False, detail=error.detail))
    except NotSent as failure:
        _failed(attempt, failure)
    else:
        _sent(attempt, receipt)


def _claim(message_id: UUID) -> Attempt | None:
    token, now = new_id(), clock.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    with atomic(Message):
        mine = Message.objects.filter(free, pk=message_id, status=Message.Status.READY, next_attempt_at__lte=now)
        if not mine.update(claim_token=token, claimed_until=now + LEASE, attempts=F("attempts") + 1):
            return None
        # Whoever had it before has ended without a word: the mail may be out or not. A second one, with the same
        # Message-ID, is better than none.
        lost = Delivery.objects.filter(message_id=message_id, status=Delivery.Status.STARTED)
        lost.update(status=Delivery.Status.LOST, finished_at=now)
        delivery = Delivery.objects.create(message_id=message_id, started_at=now)
        return Attempt(Message.objects.get(pk=message_id), delivery, token)


def _sent(attempt: Attempt, receipt: Receipt) -> None:
    now = clock.now()
    with atomic(Message):
        # Even when the lease was lost meanwhile: it is out, and nobody should try again.
        Message.objects.filter(pk=attempt.message.pk).exclude(status=Message.Status.SENT).update(
            status=Message.Status.SENT, sent_at=now, claim_token=None, claimed_until=None, next_attempt_at=None
        )
        _close(attempt, now, status=Delivery.Status.SENT, provider_id=receipt.provider_id[:255])


def _skipped(attempt: Attempt, code: str) -> None:
    with atomic(Message):
        Message.objects.filter(pk=attempt.message.pk, claim_token=attempt.token).update(
            status=Message.Status.SKIPPED, claim_token=None, claimed_until=None, next_attempt_at=None
        )
        _close(attempt, clock.now(), status=Delivery.Status.REFUSED, code=code)


def _failed(attempt: Attempt, failure: NotSent) -> None:
    parked = failure.permanent or attempt.message.attempts >= ATTEMPTS_BEFORE_PARKING
    changes = (
        {"status": Message.Status.PARKED, "next_attempt_at": None}
        if parked
        else {"next_attempt_at": _next_attempt(attempt.message.attempts)}
    )
    result = Delivery.Status.REFUSED if failure.permanent else Delivery.Status.FAILED
    with atomic(Message):
        Message.objects.filter(pk=attempt.message.pk, claim_token=attempt.token).update(
            claim_token=None, claimed_until=None, handed_until=None, **changes
        )
        # A provider's words may quote the address of somebody who was erased while they were on their way.
        is_forgotten = Message.objects.filter(pk=attempt.message.pk, forgotten_at__isnull=False).exists()
        detail = "" if is_forgotten else failure.detail
        _close(attempt, clock.now(), status=result, code=failure.code[:50], detail=detail)
    log.warning("message_not_sent", message_id=str(attempt.message.pk), code=failure.code, parked=parked)


def _close(attempt: Attempt, now: datetime, **result: str) -> None:
    Delivery.objects.filter(pk=attempt.delivery.pk).update(finished_at=now, **result)


def _next_attempt(attempts: int) -> datetime:
    seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1))
    return clock.now() + timedelta(seconds=chance.jitter(seconds))
