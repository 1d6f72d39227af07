"""Whose turn it is: an endpoint hears of one thing in the order in which it happened, and is left alone while it fails.

What is told in order is told by `ordering_key`: an order, a payment, a product. Others go on meanwhile.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from modules.notifications.models import Message, WebhookEndpoint

# Sent to see whether an endpoint works, whatever became of others.
TEST = "notifications.WebhookTested"


def sendable(now: datetime) -> Q:
    """Of messages that are ready: those that nothing holds back. Subqueries, no joins: it serves in an UPDATE."""
    earlier = Message.objects.filter(
        endpoint=OuterRef("endpoint"),
        ordering_key=OuterRef("ordering_key"),
        position__lt=OuterRef("position"),
        status=Message.Status.READY,
    )
    resting = WebhookEndpoint.objects.filter(
        ~Q(disabled_reason="") | Q(removed_at__isnull=False) | Q(paused_until__gt=now), pk=OuterRef("endpoint")
    )
    return Q(endpoint=None) | Q(topic=TEST) | ~Exists(earlier) & ~Exists(resting)


def next_of(message: Message) -> Message | None:
    """What its endpoint hears after this one, if that waits already."""
    if message.endpoint_id is None:
        return None
    waiting = Message.objects.filter(
        endpoint=message.endpoint_id, ordering_key=message.ordering_key, status=Message.Status.READY
    )
    return waiting.filter(position__gt=message.position).order_by("position").first()
