"""Messages that were tried in vain: for staff to see, and to try again once the cause is mended."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from ecommerce.kernel import clock
from modules.notifications.logic import handover
from modules.notifications.models import Message


def parked_messages(ids: Sequence[UUID] | None = None) -> QuerySet[Message]:
    """The parked messages (all, or those of these), oldest first, with their attempts."""
    parked = Message.objects.filter(status=Message.Status.PARKED).order_by("pk").prefetch_related("deliveries")
    return parked if ids is None else parked.filter(pk__in=ids)


def replay(ids: Sequence[UUID] | None = None) -> int:
    """Give parked messages (all, or those of these) another round of attempts; repeating it is safe."""
    parked = Message.objects.filter(status=Message.Status.PARKED)
    if ids is not None:
        parked = parked.filter(pk__in=ids)
    count = parked.update(
        status=Message.Status.READY, attempts=0, next_attempt_at=clock.now(), handed_until=None, claimed_until=None
    )
    handover.hand_over_due()
    return count
