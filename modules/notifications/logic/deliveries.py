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
from modules.notifications.logic import (
    breakers,
    farewells,
    handover,
    marketing_letters,
    order_letters,
    order_texts,
    quiet_hours,
    tracking,
)
from modules.notifications.logic.channels import mail, webhook
from modules.notifications.logic.channels.letterbox import NotSent, NotWantedAnyMore, Receipt
from modules.notifications.logic.secret_links import with_link
from modules.notifications.logic.webhooks import health, turns
from modules.notifications.models import Delivery, Message

log = structlog.get_logger()

# Longer than any channel waits for its provider; a worker that was killed is taken over after that.
LEASE = timedelta(minutes=2)
# With the pauses below, three to six hours: providers' bad days are longer than ours. Those that have a time to give up
# at (webhooks) are tried until then.
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
        receipt = CHANNELS[attempt.message.channel](attempt.message)
    except NotWantedAnyMore as refusal:
        _skipped(attempt, refusal.code)
    except ServiceError as error:  # another module, which was asked whether it is wanted
        _failed(attempt, NotSent(code=error.code, permanent=False, detail=error.detail), by_provider=False)
    except NotSent as failure:
        _failed(attempt, failure)
    else:
        _sent(attempt, receipt)
        farewells.forget(attempt.message)


def _send_letter(message: Message) -> Receipt:
    order_letters.require_wanted(message)
    marketing_letters.require_wanted(message)
    letter = with_link(message)
    tracking.require_reachable(letter)
    return mail.send(letter)


CHANNELS: Mapping[str, Callable[[Message], Receipt]] = {
    Message.Channel.MAIL: _send_letter,
    Message.Channel.SMS: order_texts.send,
    Message.Channel.WEBHOOK: webhook.send,
}


def _claim(message_id: UUID) -> Attempt | None:
    token, now = new_id(), clock.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    with atomic(Message):
        due = Message.objects.filter(free, pk=message_id, status=Message.Status.READY, next_attempt_at__lte=now)
        message = due.select_related("endpoint").select_for_update(of=("self",)).first()
        if message is None:
            return None
        row = Message.objects.filter(pk=message.pk)
        if (due_at := _due_at(message, now)) is not None:
            # In nobody's hands, so that the sweep finds it as soon as it may go.
            row.update(next_attempt_at=due_at, handed_until=None)
            return None
        # The broker has done its part: if this worker is killed, the sweep finds the message when its lease is over.
        row.update(claim_token=token, claimed_until=now + LEASE, handed_until=None, attempts=F("attempts") + 1)
        message.attempts += 1
        # Whoever had it before has ended without a word: the message may be out or not. A second one, with the same
        # id, is better than none.
        lost = Delivery.objects.filter(message=message, status=Delivery.Status.STARTED)
        lost.update(status=Delivery.Status.LOST, finished_at=now)
        delivery = Delivery.objects.create(message=message, endpoint_id=message.endpoint_id, started_at=now)
        return Attempt(message, delivery, token)


def _due_at(message: Message, now: datetime) -> datetime | None:
    """When a message that must not go now is due: in its reader's morning, or when it was, where it waits for its turn
    or its provider. None where it may go."""
    if message.endpoint_id is not None:
        may_go = Message.objects.filter(turns.sendable(now), pk=message.pk).exists()
    else:
        may_go = not breakers.is_resting(message.channel, now)
    if not may_go:
        return message.next_attempt_at
    if message.channel == Message.Channel.SMS and (morning := quiet_hours.ends_at(message.address, now)) > now:
        return morning
    return None


def _sent(attempt: Attempt, receipt: Receipt) -> None:
    now = clock.now()
    with atomic(Message):
        # Even when the lease was lost meanwhile: it is out, and nobody should try again.
        Message.objects.filter(pk=attempt.message.pk).exclude(status=Message.Status.SENT).update(
            status=Message.Status.SENT, sent_at=now, claim_token=None, claimed_until=None, next_attempt_at=None
        )
        _close(attempt, now, status=Delivery.Status.SENT, provider_id=receipt.provider_id[:255])
        breakers.answered(attempt.message)
        health.answered(attempt.message)
    _go_on_after(attempt.message)


def _skipped(attempt: Attempt, code: str) -> None:
    with atomic(Message):
        Message.objects.filter(pk=attempt.message.pk, claim_token=attempt.token).update(
            status=Message.Status.SKIPPED, claim_token=None, claimed_until=None, next_attempt_at=None
        )
        _close(attempt, clock.now(), status=Delivery.Status.REFUSED, code=code)


def _failed(attempt: Attempt, failure: NotSent, *, by_provider: bool = True) -> None:
    given_up = failure.permanent or _is_last(attempt.message)
    changes = (
        {"status": _given_up(attempt.message), "next_attempt_at": None}
        if given_up
        else {"next_attempt_at": _next_attempt(attempt.message)}
    )
    result = Delivery.Status.REFUSED if failure.permanent else Delivery.Status.FAILED
    with atomic(Message):
        mine = Message.objects.filter(pk=attempt.message.pk, claim_token=attempt.token, status=Message.Status.READY)
        mine.update(claim_token=None, claimed_until=None, handed_until=None, **changes)
        # A provider's words may quote the address of somebody who was erased while they were on their way.
        forgotten = Message.objects.filter(pk=attempt.message.pk, forgotten_at__isnull=False)
        is_forgotten = farewells.names_nobody(attempt.message) or forgotten.exists()
        detail = "" if is_forgotten else failure.detail
        _close(attempt, clock.now(), status=result, code=failure.code[:50], detail=detail)
        if failure.permanent:
            breakers.answered(attempt.message)
        elif by_provider:
            breakers.failed(attempt.message)
        health.failed(attempt.message, failure.code)
    log.warning("message_not_sent", message_id=str(attempt.message.pk), code=failure.code, given_up=given_up)
    if given_up:
        _go_on_after(attempt.message)


def _close(attempt: Attempt, now: datetime, **result: str) -> None:
    Delivery.objects.filter(pk=attempt.delivery.pk).update(finished_at=now, **result)


def _is_last(message: Message) -> bool:
    if message.give_up_at is not None:
        return message.give_up_at <= clock.now()
    return message.attempts >= ATTEMPTS_BEFORE_PARKING


def _given_up(message: Message) -> str:
    # Who made the test has seen that it failed: it waits for nobody.
    return Message.Status.SKIPPED if message.topic == turns.TEST else Message.Status.PARKED


def _next_attempt(message: Message) -> datetime:
    seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(message.attempts - 1, 20))
    again = clock.now() + timedelta(seconds=chance.jitter(seconds))
    return again if message.give_up_at is None else min(again, message.give_up_at)


def _go_on_after(message: Message) -> None:
    """What was held back by this one goes now."""
    if (following := turns.next_of(message)) is not None:
        handover.hand_over([following.pk])
