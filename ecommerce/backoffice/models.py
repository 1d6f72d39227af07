"""The back office's own tables: what it found out about the modules, never what is theirs."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id


class ReconcileRun(models.Model):
    """One comparison of a provider's records with ours, the books, the orders and the stock holds."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=30)
    since = models.DateTimeField()
    until = models.DateTimeField()
    fixes = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    # Empty while it runs, and for one that died.
    finished_at = models.DateTimeField(null=True)
    checked = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    fixed = models.PositiveIntegerField(default=0)
    # Why it ended early.
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["started_at"], name="reconcile_by_time")]

    def __str__(self) -> str:
        return f"{self.provider} {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}"


class FoundDrift(models.Model):
    """One difference that a run found, at most a thousand of each run."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(ReconcileRun, on_delete=models.CASCADE, related_name="drifts")
    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=200)
    here = models.CharField(max_length=200, blank=True)
    there = models.CharField(max_length=200, blank=True)
    payment_id = models.UUIDField(null=True)
    order_id = models.UUIDField(null=True)
    is_safe = models.BooleanField(default=False)
    is_fixed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="drift_fixed_if_safe", condition=Q(is_fixed=False) | Q(is_safe=True))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
