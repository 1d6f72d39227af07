"""Everything the shop holds on a user, gathered at the user's wish."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id
from modules.users.models.accounts import User


class Export(models.Model):
    """One wish to see everything: pending until each module has given its part, then ready, then forgotten."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Status(models.TextChoices):
        PENDING = "pending"
        READY = "ready"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    requested_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], name="export_one_pending_per_user", condition=Q(status="pending")),
            models.CheckConstraint(
                name="export_ready_dated",
                condition=Q(status="pending", ready_at=None) | Q(status="ready", ready_at__isnull=False),
            ),
            models.CheckConstraint(name="export_kept_a_while", condition=Q(expires_at__gt=F("requested_at"))),
        ]
        indexes = [models.Index(fields=["expires_at"], name="export_expiry")]


class ExportPart(models.Model):
    """What one module gave, or one parcel of it. Encrypted: nowhere else does so much about somebody lie together."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"document"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts", db_index=False)
    module = models.CharField(max_length=30)
    parcel = models.PositiveIntegerField()
    is_last = models.BooleanField()
    document = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "module", "parcel"], name="export_part_once_per_module"),
        ]
