"""What other programs may hear of, and how it is told to them."""

from dataclasses import fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import router, transaction

from ecommerce.kernel import clock, wire
from ecommerce.kernel.events import aggregate_id, announcement, event_name
from ecommerce.kernel.ids import moment_of, new_id
from ecommerce.kernel.money import Money, api_money
from modules.cart import events as cart
from modules.catalog import events as catalog
from modules.notifications.logic import handover
from modules.notifications.models import Message, WebhookEndpoint
from modules.orders import events as orders
from modules.payments import events as payments
from modules.users import events as users

# Not among them: what modules ask of each other (exports, secret links), and what happens all the time.
EVENTS: tuple[type, ...] = (
    cart.CartAbandoned,
    catalog.CategoryChanged,
    catalog.ProductChanged,
    catalog.ReviewApproved,
    catalog.ReviewSubmitted,
    orders.OrderAnonymised,
    orders.OrderCancelled,
    orders.OrderConfirmed,
    orders.OrderDelivered,
    orders.OrderEditOffered,
    orders.OrderEdited,
    orders.OrderExpired,
    orders.OrderPlaced,
    orders.OrderShipped,
    orders.ReturnReceived,
    orders.ReturnRejected,
    orders.ReturnRequested,
    payments.DisputeClosed,
    payments.PaymentAuthorized,
    payments.PaymentCaptured,
    payments.PaymentDisputed,
    payments.PaymentFailed,
    payments.PaymentRefunded,
    payments.PaymentVoided,
    payments.RefundFailed,
    users.EmailVerified,
    users.UserErased,
    users.UserRegistered,
)
NAMES = tuple(map(event_name, EVENTS))
RETRIED_FOR = timedelta(days=3)


def forward(event: Any) -> None:
    """Write what each endpoint that wants to hear of this event is told; once per event and endpoint."""
    name = event_name(type(event))
    wanted = WebhookEndpoint.objects.filter(events__contains=[name], disabled_reason="", removed_at=None)
    endpoints = list(wanted.only("id", "url").order_by("id"))
    if not endpoints:
        return
    told = announcement()
    body = body_of(name, moment_of(told.event_id), aggregate_id(event), _data(event))
    messages = [
        message_for(
            endpoint,
            topic=name,
            event_id=told.event_id,
            ordering_key=aggregate_id(event),
            position=told.position,
            body=body,
            retried_for=RETRIED_FOR,
        )
        for endpoint in endpoints
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    ids = [message.pk for message in messages]
    transaction.on_commit(partial(handover.hand_over, ids), using=router.db_for_write(Message))


def body_of(name: str, at: datetime, ordering_key: UUID, data: dict[str, Any]) -> str:
    """What is posted: the specification's type, timestamp and data, and what is told in order."""
    return wire.encode({"type": name, "timestamp": at, "ordering_key": ordering_key, "data": data}).decode()


def message_for(
    endpoint: WebhookEndpoint,
    *,
    topic: str,
    event_id: UUID,
    ordering_key: UUID,
    position: int,
    body: str,
    retried_for: timedelta,
) -> Message:
    """A message that is ready to go, and kept nowhere yet."""
    now = clock.now()
    return Message(
        id=new_id(),
        topic=topic,
        reference_id=event_id,
        recipient=Message.Recipient.ENDPOINT,
        channel=Message.Channel.WEBHOOK,
        endpoint=endpoint,
        ordering_key=ordering_key,
        position=position,
        address=endpoint.url,
        text=body,
        status=Message.Status.READY,
        next_attempt_at=now,
        handed_until=now + handover.IN_BROKERS_HANDS,
        give_up_at=now + retried_for,
        created_at=now,
    )


def _data(event: Any) -> dict[str, Any]:
    """The event's fields; money as everywhere in the API."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return {name: api_money(value) if isinstance(value, Money) else value for name, value in values.items()}
