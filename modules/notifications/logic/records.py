"""Looking up messages and the attempts to send them."""

from uuid import UUID

from django.db.models import QuerySet

from ecommerce.kernel.errors import NotFound
from modules.notifications.models import Delivery, Message

# Ids grow with time.
NEWEST_FIRST = ("-id",)


class DeliveryNotFound(NotFound):
    """There is no such delivery."""


def sent_to(user_id: UUID) -> QuerySet[Message]:
    """The messages that have left for this user, without their HTML; one that was forgotten is not among them."""
    sent = Message.objects.filter(customer_id=user_id, status=Message.Status.SENT, forgotten_at=None)
    return sent.only("id", "topic", "order_id", "channel", "language", "subject", "text", "sent_at")


def deliveries(*, message_id: UUID | None = None, webhook_id: UUID | None = None) -> QuerySet[Delivery]:
    """All attempts, or those of one message or webhook, each with its message but not the texts."""
    found = Delivery.objects.select_related("message").defer("message__subject", "message__text", "message__html")
    if webhook_id is not None:
        found = found.filter(endpoint_id=webhook_id)
    return found if message_id is None else found.filter(message_id=message_id)


def get_delivery(delivery_id: UUID) -> Delivery:
    """One attempt with its message; refuses with DeliveryNotFound."""
    delivery = deliveries().filter(pk=delivery_id).first()
    if delivery is None:
        raise DeliveryNotFound
    return delivery
