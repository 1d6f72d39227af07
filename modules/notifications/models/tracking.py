"""What providers tell of what they took, and which addresses are written to no more."""

from typing import ClassVar

from django.db import models

from ecommerce.kernel.ids import new_id
from modules.notifications.models.messages import Message


class Tracking(models.Model):
    """What a provider has told of a message that it took."""

    # A receiving server's words may quote the address.
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"detail"})

    class Outcome(models.TextChoices):
        DELIVERED = "delivered"
        DEFERRED = "deferred"
        BOUNCED = "bounced"
        REJECTED = "rejected"  # the provider did not even try
        COMPLAINED = "complained"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tracking")
    provider = models.CharField(max_length=30)
    event_id = models.CharField(max_length=255)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    detail = models.TextField(blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "tracking"
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="tracking_once")]

    def __str__(self) -> str:
        return self.outcome


class Suppression(models.Model):
    """An address or number that is not written to any more, in small letters."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address"})

    class Reason(models.TextChoices):
        BOUNCED = "bounced"  # no mail reaches it
        COMPLAINED = "complained"  # its owner called a mail of ours spam: no marketing
        STOPPED = "stopped"  # its owner answered an SMS with STOP

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    address = models.CharField(max_length=320)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "reason"], name="suppression_once")]

    def __str__(self) -> str:
        return self.reason
