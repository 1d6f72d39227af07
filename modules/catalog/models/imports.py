"""Files of products on their way into the shop: what came of each row, and where to go on after a stop."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id


class ImportJob(models.Model):
    """One file. Every batch of it commits together with the position after it, so that a stop loses nothing and
    repeats nothing."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Kind(models.TextChoices):
        PRODUCTS = "products"

    class Format(models.TextChoices):
        CSV = "csv"
        JSONL = "jsonl"

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PRODUCTS)
    format = models.CharField(max_length=5, choices=Format.choices)
    delimiter = models.CharField(max_length=1, default=",")
    file_name = models.CharField(max_length=200, blank=True)
    # SHA-256 of the file: what is resumed from disk must be the file that was begun.
    digest = models.CharField(max_length=64)
    size = models.BigIntegerField()
    # Its content is kept here, in chunks; otherwise whoever runs it has the file, and no worker looks for it.
    is_uploaded = models.BooleanField()
    dry_run = models.BooleanField(default=False)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.QUEUED)
    # Where the next batch begins: so many bytes and so many lines are behind it.
    offset = models.BigIntegerField(default=0)
    lines = models.BigIntegerField(default=0)
    # Rows, by what came of them.
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    # The first of each: [{"line", "column", "code", "detail"}], and of a dry run
    # [{"line", "key", "action", "changes": [{"sku", "column", "old", "new"}]}].
    errors = models.JSONField(default=list, blank=True)
    error_count = models.PositiveIntegerField(default=0)
    changes = models.JSONField(default=list, blank=True)
    # The staff member; empty for the command.
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Who runs it, until when; and how often somebody began without getting any further.
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="import_status_known", condition=Q(status__in=["queued", "running", "done", "failed"])
            ),
            models.CheckConstraint(name="import_format_known", condition=Q(format__in=["csv", "jsonl"])),
            models.CheckConstraint(name="import_within_its_file", condition=Q(offset__gte=0, offset__lte=F("size"))),
            models.CheckConstraint(
                name="import_finished_when_done",
                condition=Q(status__in=["queued", "running"], finished_at__isnull=True)
                | Q(status__in=["done", "failed"], finished_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["leased_until"], name="import_to_run", condition=Q(finished_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.file_name or str(self.id)


class ImportChunk(models.Model):
    """A piece of an uploaded file, kept until the job is finished: the worker may be on another machine."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="import_chunk_once"),
        ]
