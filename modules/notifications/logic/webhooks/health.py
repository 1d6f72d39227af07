"""An endpoint that keeps failing is asked ever more seldom, and given up in the end."""

from datetime import timedelta
from uuid import UUID

import structlog

from ecommerce.kernel import clock
from modules.notifications.logic import breakers, staff_letters
from modules.notifications.logic.channels import webhook
from modules.notifications.logic.webhooks.turns import TEST
from modules.notifications.models import Message, WebhookEndpoint

log = structlog.get_logger()

Reason = WebhookEndpoint.DisabledReason

FAILURES_BEFORE_PAUSE = 5
LONGEST_PAUSE = 900.0
GIVEN_UP_AFTER = timedelta(days=3)


def answered(message: Message) -> None:
    """In the open transaction: its endpoint has taken a message, so it works."""
    if message.endpoint_id is None:
        return
    failing = WebhookEndpoint.objects.filter(pk=message.endpoint_id, failures__gt=0)
    failing.update(failures=0, failing_since=None, paused_until=None)


def failed(message: Message, code: str) -> None:
    """In the open transaction: its endpoint has not taken a message; one that failed for days is told no more."""
    if message.endpoint_id is None or message.topic == TEST:
        return
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=message.endpoint_id)
    now = clock.now()
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    if endpoint.failures >= FAILURES_BEFORE_PAUSE:
        endpoint.paused_until = now + breakers.pause(endpoint.failures - FAILURES_BEFORE_PAUSE, LONGEST_PAUSE)
    endpoint.save(update_fields=["failures", "failing_since", "paused_until"])
    if code == webhook.GONE:
        disable(endpoint, Reason.GONE)
    elif endpoint.failing_since <= now - GIVEN_UP_AFTER:
        disable(endpoint, Reason.FAILING)


def disable(endpoint: WebhookEndpoint, reason: str) -> None:
    """In the open transaction, with the row locked: tell it nothing any more. Repeating changes nothing.

    What it has not taken yet is parked: staff may send it once the endpoint works again.
    """
    if endpoint.disabled_reason:
        return
    endpoint.disabled_reason, endpoint.disabled_at = reason, clock.now()
    endpoint.version += 1
    endpoint.save(update_fields=["disabled_reason", "disabled_at", "version"])
    waiting = Message.objects.filter(endpoint=endpoint, status=Message.Status.READY).exclude(topic=TEST)
    waiting.update(status=Message.Status.PARKED, next_attempt_at=None, handed_until=None)
    staff_letters.write_webhook_disabled(endpoint)
    log.warning("webhook_disabled", endpoint_id=str(endpoint.pk), reason=reason)


def is_told(endpoint_id: UUID) -> bool:
    """Whether the endpoint is told of events."""
    return WebhookEndpoint.objects.filter(pk=endpoint_id, disabled_reason="", removed_at=None).exists()
