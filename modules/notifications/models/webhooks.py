"""The programs that are told of events."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id


class WebhookEndpoint(models.Model):
    """Another program's address, which is told of events."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class DisabledReason(models.TextChoices):
        STAFF = "staff"
        FAILING = "failing"  # it has taken nothing for days
        GONE = "gone"  # it has answered 410

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    url = models.CharField(max_length=2000)
    description = models.CharField(max_length=200, blank=True)
    events = ArrayField(models.CharField(max_length=50))
    # Encrypted: whoever reads a backup cannot speak for the shop.
    secret = models.BinaryField()
    previous_secret = models.BinaryField(null=True)
    previous_secret_until = models.DateTimeField(null=True)
    # It is told of events as long as this is empty.
    disabled_reason = models.CharField(max_length=10, choices=DisabledReason.choices, blank=True)
    disabled_at = models.DateTimeField(null=True)
    # Since the last message that it took.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    # One that keeps failing is left alone until then.
    paused_until = models.DateTimeField(null=True)
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()
    # Kept as long as its log.
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="endpoint_hears_something", condition=~Q(events=[])),
            models.CheckConstraint(
                name="endpoint_disabled_for_a_reason",
                condition=Q(disabled_reason="", disabled_at=None)
                | Q(disabled_reason__in=["staff", "failing", "gone"], disabled_at__isnull=False),
            ),
            models.CheckConstraint(
                name="endpoint_previous_secret_ends",
                condition=Q(previous_secret=None, previous_secret_until=None)
                | Q(previous_secret__isnull=False, previous_secret_until__isnull=False),
            ),
            models.CheckConstraint(
                name="endpoint_failing_since",
                condition=Q(failures=0, failing_since=None, paused_until=None)
                | Q(failures__gt=0, failing_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url

    @property
    def is_enabled(self) -> bool:
        """Whether it is told of events."""
        return not self.disabled_reason
