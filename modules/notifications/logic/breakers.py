"""A provider that keeps failing is left alone for a while, by all workers: what waits for it costs no attempt.

One row per channel that has one provider for all (mail); a webhook's endpoints have theirs in their own rows.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from ecommerce.kernel import chance, clock
from modules.notifications.models import Message, ProviderBreaker

FAILURES_BEFORE_PAUSE = 5
FIRST_PAUSE = 10.0
# A provider that is back is found within this; a day's outage costs each message that is tried few attempts.
LONGEST_PAUSE = 120.0


def answered(message: Message) -> None:
    """In the open transaction: its provider took the message, or refused this one for a reason of its own."""
    if message.endpoint_id is None:
        failing = ProviderBreaker.objects.filter(channel=message.channel, failures__gt=0)
        failing.update(failures=0, failing_since=None, paused_until=None)


def failed(message: Message) -> None:
    """In the open transaction: its provider takes nothing for now."""
    if message.endpoint_id is not None:
        return
    ProviderBreaker.objects.bulk_create([ProviderBreaker(channel=message.channel)], ignore_conflicts=True)
    breaker = ProviderBreaker.objects.select_for_update().get(channel=message.channel)
    now = clock.now()
    breaker.failures += 1
    breaker.failing_since = breaker.failing_since or now
    if breaker.failures >= FAILURES_BEFORE_PAUSE:
        breaker.paused_until = now + pause(breaker.failures - FAILURES_BEFORE_PAUSE, LONGEST_PAUSE)
    breaker.save()


def pause(nth: int, longest: float) -> timedelta:
    """How long the pause after so many others is: ten seconds, then twice as long each time, up to `longest`."""
    return timedelta(seconds=chance.jitter(min(longest, FIRST_PAUSE * 2 ** min(nth, 10))))


def is_resting(channel: str, now: datetime) -> bool:
    """Whether the channel's provider is left alone now."""
    return ProviderBreaker.objects.filter(channel=channel, paused_until__gt=now).exists()


def sendable(now: datetime) -> Q:
    """Of messages: those whose provider is not left alone now. A subquery, no join: it serves with FOR UPDATE."""
    return ~Q(Exists(ProviderBreaker.objects.filter(channel=OuterRef("channel"), paused_until__gt=now)))


def complain() -> str | None:
    """For the doctor: which provider takes nothing, and since when."""
    failing = ProviderBreaker.objects.filter(failures__gte=FAILURES_BEFORE_PAUSE).order_by("channel")
    return "; ".join(f"{one.channel} takes nothing since {one.failing_since:%H:%M} UTC" for one in failing) or None
