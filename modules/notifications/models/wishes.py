"""What users want to hear of, and what not."""

from typing import ClassVar

from django.db import models

from ecommerce.kernel.ids import new_id
from modules.notifications.models.messages import Message


class Choice(models.Model):
    """What a user has said of a topic on a channel."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer_id = models.UUIDField()
    topic = models.CharField(max_length=50, choices=Message.Topic.choices)
    channel = models.CharField(max_length=20, choices=Message.Channel.choices)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.topic} {self.channel}"


class OptOut(Choice):
    """A user does not want to hear of a topic on a channel."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "topic", "channel"], name="opt_out_once")]


class OptIn(Choice):
    """A user wants to hear of a topic on a channel on which nobody does without asking."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "topic", "channel"], name="opt_in_once")]
