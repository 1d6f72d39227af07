"""How providers do."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from modules.notifications.models.messages import Message


class ProviderBreaker(models.Model):
    """How a channel's provider does; it is left alone until `paused_until`."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    channel = models.CharField(max_length=20, primary_key=True, choices=Message.Channel.choices)
    # Since it last answered.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="breaker_failing_since",
                condition=Q(failures=0, failing_since=None, paused_until=None)
                | Q(failures__gt=0, failing_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.channel
