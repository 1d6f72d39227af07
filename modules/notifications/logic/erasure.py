"""What becomes of the messages to somebody who has erased his account: that there were any is all that is left.

What was to be sent yet is not sent any more. A mail that is leaving at this moment may still arrive, and then counts as
sent. An order that goes on after the erasure still has its mails written and sent (its address is orders' to keep);
they are forgotten with the order.
"""

from uuid import UUID

from django.db.models import Case, QuerySet, Value, When

from ecommerce.kernel import clock
from modules.notifications.models import Delivery, Message

Status = Message.Status

# What `reference_id` is an order's id of.
ABOUT_ORDERS = (Message.Topic.ORDER_CONFIRMED,)


def forget_customer(user_id: UUID) -> None:
    """In the open transaction, forget what was written to this user; repeating is safe."""
    _forget(Message.objects.filter(customer_id=user_id))


def forget_buyer(order_id: UUID) -> None:
    """In the open transaction, forget what was written about this order, to whomever; repeating is safe."""
    _forget(Message.objects.filter(topic__in=ABOUT_ORDERS, reference_id=order_id))


def _forget(messages: QuerySet[Message]) -> None:
    known = messages.filter(forgotten_at=None)
    # Locked, so that whoever closes a delivery meanwhile sees that its words are not to be kept.
    ids = list(known.select_for_update().order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(message_id__in=ids).update(detail="")
    Message.objects.filter(pk__in=ids).update(
        status=Case(When(status=Status.SENT, then=Value(Status.SENT.value)), default=Value(Status.SKIPPED.value)),
        address="",
        subject="",
        text="",
        html="",
        next_attempt_at=None,
        handed_until=None,
        claim_token=None,
        claimed_until=None,
        forgotten_at=clock.now(),
    )
