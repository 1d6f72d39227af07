"""Messages that were tried in vain: for staff to see, and to try again once the cause is mended."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Case, Q, QuerySet, Value, When

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Conflict
from modules.notifications.logic import handover
from modules.notifications.logic.webhooks.events import RETRIED_FOR
from modules.notifications.models import Message, WebhookEndpoint


class NotReplayable(Conflict):
    """The message is not parked: it is sent, on its way, or for nobody; or its webhook is disabled."""

    code = "not_replayable"


def parked_messages(ids: Sequence[UUID] | None = None) -> QuerySet[Message]:
    """The parked messages (all, or those of these), oldest first, with their attempts."""
    parked = Message.objects.filter(status=Message.Status.PARKED).order_by("pk").prefetch_related("deliveries")
    return parked if ids is None else parked.filter(pk__in=ids)


def replay(ids: Sequence[UUID] | None = None) -> int:
    """Give parked messages (all, or those of these) another round of attempts; repeating it is safe.

    What was for a webhook that is disabled stays parked.
    """
    now = clock.now()
    told = WebhookEndpoint.objects.filter(disabled_reason="", removed_at=None)
    parked = Message.objects.filter(Q(endpoint=None) | Q(endpoint__in=told), status=Message.Status.PARKED)
    if ids is not None:
        parked = parked.filter(pk__in=ids)
    count = parked.update(
        status=Message.Status.READY,
        attempts=0,
        next_attempt_at=now,
        give_up_at=Case(When(endpoint__isnull=False, then=Value(now + RETRIED_FOR))),
        handed_until=None,
        claimed_until=None,
    )
    handover.hand_over_due()
    return count


def replay_one(message_id: UUID) -> None:
    """Give one parked message another round of attempts; one that waits for its attempt already stays as it is.

    Refuses what is sent, skipped or still to be written with NotReplayable.
    """
    if not replay([message_id]) and not Message.objects.filter(pk=message_id, status=Message.Status.READY).exists():
        raise NotReplayable
