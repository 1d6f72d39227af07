"""What providers tell us, and how they call our customers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id


class ProviderEvent(models.Model):
    """A provider's webhook as it came, stored before it is handled."""

    # Providers put names and addresses into their events.
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"body"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=30)
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=100)
    attempt_id = models.UUIDField(null=True)
    provider_reference = models.CharField(max_length=100, blank=True)
    # Emptied when the payer erases his account: what counts of it is in the observations.
    body = models.BinaryField()
    received_at = models.DateTimeField()
    # When it was matched with a payment, or found to be about none.
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="event_once_per_provider")]
        indexes = [
            models.Index(fields=["received_at"], name="event_unhandled", condition=Q(handled_at=None)),
            models.Index(fields=["received_at"], name="event_by_time"),
            models.Index(fields=["attempt_id"], name="event_by_attempt", condition=Q(attempt_id__isnull=False)),
            models.Index(
                fields=["provider", "provider_reference"],
                name="event_by_reference",
                condition=~Q(provider_reference=""),
            ),
        ]


class ProviderCustomer(models.Model):
    """A user as a provider knows him: the methods he has saved lie there, never here."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"user_id"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField()
    provider = models.CharField(max_length=30)
    reference = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "provider"], name="customer_once_per_provider")]
