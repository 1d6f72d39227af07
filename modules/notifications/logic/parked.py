"""Messages that were tried in vain: for staff to see, and to try again once the cause is mended."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Conflict
from modules.notifications.logic import handover
from modules.notifications.models import Message


class NotReplayable(Conflict):
    """The message is not parked: it is sent, on its way, or for nobody."""

    code = "not_replayable"


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


def replay_one(message_id: UUID) -> None:
    """Give one parked message another round of attempts; one that waits for its attempt already stays as it is.

    Refuses what is sent, skipped or still to be written with NotReplayable.
    """
    if not replay([message_id]) and not Message.objects.filter(pk=message_id, status=Message.Status.READY).exists():
        raise NotReplayable
