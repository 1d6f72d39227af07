"""SMS to test with: Ada's number, her consent, and a message to her that is ready."""

from typing import Any
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in
from modules.notifications.logic import deliveries
from modules.notifications.models import Message, OptIn
from modules.notifications.tests.factories import MessageFactory, a_contact

NUMBER = "+4915112345678"
TEXT = "Lampen: order 1001 is on its way with DHL."


def opt_in(customer_id: UUID, *topics: str) -> None:
    """This customer wants to hear of these by SMS."""
    for topic in topics or ("order_shipped", "order_delivered"):
        OptIn.objects.create(customer_id=customer_id, topic=topic, channel="sms", created_at=clock.now())


def a_text(customer_id: UUID | None = None, **fields: Any) -> Message:
    """A parcel's SMS that is to leave now, to somebody who has asked for it."""
    owner_id = customer_id or new_id()
    if not OptIn.objects.filter(customer_id=owner_id).exists():
        opt_in(owner_id)
    usual: dict[str, Any] = {"topic": "order_shipped", "recipient": "owner", "channel": "sms", "customer_id": owner_id}
    usual |= {"address": NUMBER, "text": TEXT, "subject": "", "html": "", "segments": 1, "order_id": new_id()}
    return MessageFactory.create(**usual | fields)


def users(phone: str = NUMBER) -> Any:
    """Whoever is asked for has this number."""
    return stand_in("users", get_contacts=lambda ids: [a_contact(UUID(str(one)), phone=phone) for one in ids])


def send(*messages: Message, phone: str = NUMBER) -> list[str]:
    """Deliver each; how each stands then."""
    with users(phone):
        for message in messages:
            deliveries.deliver(message.pk)
            message.refresh_from_db()
    return [message.status for message in messages]
