"""What notifications gives to a user's export of everything that is held on him."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from ecommerce.kernel import parcels
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.notifications.models import Delivery, Message, OptIn, OptOut, StockAlert
from modules.users import service as users_service
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested

CHUNK = 200


def promise_contribution(event: ExportRequested) -> None:
    """Somebody wants to see everything: what notifications holds is gathered by a step."""
    add_steps(event.export_id, [NewStep(contribute, {"user_id": event.user_id})])


@step
def contribute(run: Run, *, user_id: UUID) -> None:
    """Give users all messages to somebody; an export that is gone by now wants nothing."""
    give = partial(users_service.contribute_to_export, export_id=run.aggregate_id, module="notifications")
    with suppress(ExportNotFound):
        chosen = {"turned_off": _chosen(OptOut, user_id), "turned_on": _chosen(OptIn, user_id)}
        waiting = {"stock_alerts": _stock_alerts(user_id)}
        parcels.hand_over({"messages": _messages(user_id), **chosen, **waiting}, give)


def _messages(user_id: UUID) -> Iterator[dict[str, Any]]:
    """Oldest first, sent or not; as plain text, since the HTML says the same."""
    messages = Message.objects.filter(customer_id=user_id).order_by("id").prefetch_related("deliveries", "tracking")
    return (_message(message) for message in messages.defer("html").iterator(chunk_size=CHUNK))


def _chosen(kind: type[OptIn] | type[OptOut], user_id: UUID) -> Iterator[dict[str, Any]]:
    """What the user does not want to hear of, or has asked for."""
    rows = kind.objects.filter(customer_id=user_id).order_by("id")
    return (dict(row) for row in rows.values("topic", "channel", "created_at").iterator())


def _stock_alerts(user_id: UUID) -> Iterator[dict[str, Any]]:
    """What the user waits for."""
    waiting = StockAlert.objects.filter(customer_id=user_id).order_by("id")
    return (dict(row) for row in waiting.values("variant_id", "created_at").iterator())


def _message(message: Message) -> dict[str, Any]:
    deliveries = sorted(message.deliveries.all(), key=lambda delivery: (delivery.started_at, delivery.pk))
    return {
        "id": message.pk,
        "topic": message.topic,
        "reference_id": message.reference_id,
        "channel": message.channel,
        "language": message.language,
        "address": message.address,
        "subject": message.subject,
        "text": message.text,
        "status": message.status,
        "deliveries": [_delivery(delivery) for delivery in deliveries],
        "tracking": [
            {"outcome": one.outcome, "detail": one.detail, "at": one.at}
            for one in sorted(message.tracking.all(), key=lambda one: (one.at, one.pk))
        ],
        "created_at": message.created_at,
        "sent_at": message.sent_at,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "status": delivery.status,
        "code": delivery.code,
        "detail": delivery.detail,
        "started_at": delivery.started_at,
        "finished_at": delivery.finished_at,
    }
