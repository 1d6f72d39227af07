"""What webhooks were told, and what came of it: kept for a month."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.notifications.models import Message, WebhookEndpoint

KEPT_FOR = timedelta(days=30)
BATCH = 5000


def forget_old() -> int:
    """Delete messages that are older and wait for nothing, then removed endpoints that have none; how many messages.

    Any number may run at once.
    """
    old = Message.objects.filter(
        endpoint__isnull=False,
        status__in=[Message.Status.SENT, Message.Status.SKIPPED],
        created_at__lt=clock.now() - KEPT_FOR,
    )
    ids = list(old.order_by("created_at").values_list("id", flat=True)[:BATCH])
    with atomic(Message):
        Message.objects.filter(pk__in=ids).delete()
    _forget_removed()
    return len(ids)


def _forget_removed() -> None:
    told = Message.objects.filter(endpoint=OuterRef("pk"))
    WebhookEndpoint.objects.filter(~Exists(told), removed_at__lt=clock.now() - KEPT_FOR).delete()
