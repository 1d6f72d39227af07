"""What becomes of the messages to somebody who has erased his account: that there were any is all that is left.

What was to be sent yet is not sent any more. A mail that is leaving at this moment may still arrive, and then counts as
sent. An order that goes on after the erasure still has its mails written and sent (its address is orders' to keep);
they are forgotten with the order.
"""

from uuid import UUID

from django.db.models import Case, QuerySet, Value, When

from ecommerce.kernel import clock
from modules.notifications.logic.tracking import normalised
from modules.notifications.models import Delivery, Message, OptIn, OptOut, StockAlert, Suppression, Tracking

Status = Message.Status


def forget_customer(user_id: UUID) -> None:
    """In the open transaction, forget what was written to this user; repeating is safe."""
    _forget(Message.objects.filter(customer_id=user_id))
    OptOut.objects.filter(customer_id=user_id).delete()
    StockAlert.objects.filter(customer_id=user_id).delete()
    OptIn.objects.filter(customer_id=user_id).delete()


def forget_buyer(order_id: UUID) -> None:
    """In the open transaction, forget what was written about this order, to whomever; repeating is safe."""
    _forget(Message.objects.filter(order_id=order_id))


def forget_message(message_id: UUID) -> None:
    """In the open transaction, forget one message; repeating is safe."""
    _forget(Message.objects.filter(pk=message_id))


def _forget(messages: QuerySet[Message]) -> None:
    known = messages.filter(forgotten_at=None)
    # Locked, so that whoever closes a delivery meanwhile sees that its words are not to be kept.
    ids = list(known.select_for_update().order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(message_id__in=ids).update(detail="")
    Tracking.objects.filter(message_id__in=ids).update(detail="")
    # By the addresses that were written to; whoever comes back with one of them is found out once more.
    addresses = {normalised(address) for address in known.values_list("address", flat=True)}
    Suppression.objects.filter(address__in=addresses - {""}).delete()
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
