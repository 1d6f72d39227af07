"""How the sandbox provider tells the shop what happened: signed events, delivered until they are taken.

Signed as Standard Webhooks has it: HMAC-SHA256 over id, time and body, told apart by `v1,`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import httpx2
import structlog
from celery import current_app
from django.conf import settings
from django.db import router, transaction
from django.db.models import F
from kombu.connection import Connection
from kombu.exceptions import KombuError
from kombu.pools import producers

from ecommerce.kernel import backoff, clock
from ecommerce.kernel.db import atomic
from modules.payments.logic.providers.base import InvalidSignature, Notice
from modules.payments.models import AttemptStatus, SandboxPayment, SandboxWebhook

log = structlog.get_logger(__name__)

TASK = "payments.deliver_sandbox_webhooks"
PATH = "/api/v1/payments/webhooks/sandbox/"
TOLERANCE_SECONDS = 300
TIMEOUT = httpx2.Timeout(10.0, connect=2.0)
LONGEST_NUDGE = 0.5
BATCH = 20
# How long one delivery run keeps others off what it has claimed.
CLAIM = timedelta(seconds=60)

EVENTS = frozenset(
    f"payment.{what}" for what in ("authorized", "captured", "failed", "requires_action", "cancelled", "refunded")
)


def wake_delivery() -> None:
    """Have the worker deliver once what is written is committed; without a broker the periodic task does."""
    transaction.on_commit(_nudge, using=router.db_for_write(SandboxWebhook), robust=True)


def deliver_due(transport: httpx2.BaseTransport | None = None) -> int:
    """Deliver every event that is due; returns how many were taken. Any number of these may run at once."""
    taken = 0
    with httpx2.Client(base_url=settings.PUBLIC_URL, transport=transport, timeout=TIMEOUT) as client:
        while claimed := _claim():
            taken += sum(_deliver(client, webhook) for webhook in claimed)
    return taken


def sign(event_id: str, timestamp: str, body: bytes) -> str:
    """The signature of one event."""
    message = b".".join((event_id.encode(), timestamp.encode(), body))
    digest = hmac.digest(settings.SANDBOX_WEBHOOK_SECRET.encode(), message, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def verify(headers: Mapping[str, str], body: bytes) -> Notice:
    """Read a delivered event; InvalidSignature when it is not the sandbox's, is altered, or older than 5 minutes."""
    event_id, timestamp, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not settings.SANDBOX_WEBHOOK_SECRET:
        raise InvalidSignature
    # Several signatures may stand side by side, as while a secret is rotated.
    expected = sign(event_id, timestamp, body).encode()
    if not any(hmac.compare_digest(expected, one.encode()) for one in given.split(" ")):
        raise InvalidSignature
    if not timestamp.isdecimal() or abs(clock.now().timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise InvalidSignature("The event is too old.")
    return _read(event_id, body)


def _nudge() -> None:
    try:
        with producers[_impatient()].acquire(block=True, timeout=LONGEST_NUDGE) as producer:
            current_app.send_task(TASK, producer=producer, retry=False)
    except KombuError as error:
        log.warning("sandbox_not_nudged", error=repr(error))


def _impatient() -> Connection:
    # kombu asks a broker that is down again for seconds; a buyer is waiting.
    connection: Connection = current_app.connection_for_write()
    connection.transport_options = {
        **(connection.transport_options or {}),
        "max_retries": 0,
        "connect_retries_timeout": LONGEST_NUDGE,
        "socket_connect_timeout": LONGEST_NUDGE,
        "socket_timeout": LONGEST_NUDGE,
    }
    return connection


def _claim() -> list[SandboxWebhook]:
    now = clock.now()
    with atomic(SandboxWebhook):
        due = SandboxWebhook.objects.select_for_update(skip_locked=True, of=("self",)).select_related("payment")
        claimed = list(due.filter(delivered_at=None, next_attempt_at__lte=now).order_by("next_attempt_at")[:BATCH])
        ids = [webhook.pk for webhook in claimed]
        SandboxWebhook.objects.filter(pk__in=ids).update(next_attempt_at=now + CLAIM)
    return claimed


def _deliver(client: httpx2.Client, webhook: SandboxWebhook) -> bool:
    row = SandboxWebhook.objects.filter(pk=webhook.pk)
    if webhook.type == "payment.captured" and not _settle(webhook.payment_id):
        row.update(delivered_at=clock.now(), last_error="It was cancelled before it was captured.")
        return False
    error = _post(client, webhook)
    if error is None:
        row.update(delivered_at=clock.now(), last_error="")
        return True
    attempts = webhook.attempts + 1
    row.update(attempts=attempts, next_attempt_at=backoff.next_attempt(attempts), last_error=error[:500])
    log.warning("sandbox_webhook_not_taken", webhook=str(webhook.pk), attempts=attempts, error=error)
    return False


def _settle(payment_id: UUID) -> bool:
    """Where a bank would take its time: the money moves just before the event says so."""
    payments = SandboxPayment.objects.filter(pk=payment_id)
    processing = payments.filter(status=AttemptStatus.PROCESSING)
    return bool(processing.update(status=AttemptStatus.CAPTURED, captured_minor=F("amount_minor"))) or (
        payments.filter(status=AttemptStatus.CAPTURED).exists()
    )


def _post(client: httpx2.Client, webhook: SandboxWebhook) -> str | None:
    """None when the shop has taken the event, else what went wrong."""
    event_id, timestamp = f"evt_{webhook.pk.hex}", str(int(clock.now().timestamp()))
    body = json.dumps({"id": event_id, "type": webhook.type, "data": {"attempt_id": str(webhook.payment_id)}}).encode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(event_id, timestamp, body),
    }
    try:
        response = client.post(PATH, content=body, headers=headers)
    except httpx2.HTTPError as error:
        return repr(error)
    return None if response.is_success else f"{response.status_code} {response.text}"


def _read(event_id: str, body: bytes) -> Notice:
    try:
        event = json.loads(body)
        kind, attempt_id = event["type"], event.get("data", {}).get("attempt_id")
        known = kind in EVENTS
        return Notice(
            event_id=event_id, type=str(kind)[:100], attempt_id=UUID(attempt_id) if known else None, matters=known
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        # Signed, so it is the provider's; whatever it means, it is kept.
        return Notice(event_id=event_id, type="unreadable", matters=False)
