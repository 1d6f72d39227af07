"""The kernel's tables: facts on their way, work that must happen, answers to repeat. They exist in each database."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id


class OutboxEvent(models.Model):
    """A fact that a module announced, written in the transaction of the data it is about."""

    # The order of an aggregate's events: its writer holds the aggregate's row lock, so for one aggregate (and only
    # for one) the order of positions is the order of commits.
    position = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=new_id, unique=True, editable=False)
    name = models.CharField(max_length=100)
    aggregate_id = models.UUIDField()
    payload = models.JSONField()
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="outbox_created")]


class Delivery(models.Model):
    """That one module is to be handed one event; the relay's record per listener."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, to_field="position", related_name="deliveries")
    source = models.CharField(max_length=30)
    listener = models.CharField(max_length=30)
    aggregate_id = models.UUIDField()
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "listener"], name="delivery_once_per_listener")]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="delivery_due", condition=Q(delivered_at=None)),
            models.Index(
                fields=["listener", "source", "aggregate_id", "event"],
                name="delivery_queue",
                condition=Q(delivered_at=None),
            ),
            models.Index(fields=["delivered_at"], name="delivery_done", condition=Q(delivered_at__isnull=False)),
        ]


class InboxEvent(models.Model):
    """A fact that a module has accepted and handles once, in order with the others of its aggregate."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event_id = models.UUIDField()
    listener = models.CharField(max_length=30)
    source = models.CharField(max_length=30)
    name = models.CharField(max_length=100)
    aggregate_id = models.UUIDField()
    position = models.BigIntegerField()
    payload = models.JSONField()
    context = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["listener", "event_id"], name="inbox_once_per_listener")]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="inbox_due", condition=Q(handled_at=None, parked_at=None)),
            models.Index(
                fields=["listener", "source", "aggregate_id", "position"],
                name="inbox_queue",
                condition=Q(handled_at=None),
            ),
            models.Index(fields=["parked_at"], name="inbox_parked", condition=Q(parked_at__isnull=False)),
            models.Index(fields=["handled_at"], name="inbox_done", condition=Q(handled_at__isnull=False)),
        ]


class Saga(models.Model):
    """The lease on one aggregate's steps: whoever holds its token drives them."""

    aggregate_id = models.UUIDField()
    module = models.CharField(max_length=30)
    token = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    # When the runner has to look again; empty while nothing is to be done.
    next_run_at = models.DateTimeField(null=True)
    # Grows with every step that is added: a driver that saw the last step done lets go only if none came meanwhile.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["module", "aggregate_id"], name="saga_one_per_aggregate")]
        indexes = [models.Index(fields=["next_run_at"], name="saga_due", condition=Q(next_run_at__isnull=False))]


class Step(models.Model):
    """Something that must happen outside a transaction; written inside the one that decided it."""

    class Status(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        SKIPPED = "skipped"
        PARKED = "parked"

    position = models.BigAutoField(primary_key=True)
    module = models.CharField(max_length=30)
    aggregate_id = models.UUIDField()
    # The registered function, and which time it is asked for ("refund:<refund id>"): unique for the aggregate.
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=100, blank=True)
    arguments = models.JSONField(default=dict)
    context = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["module", "aggregate_id", "name", "key"], name="step_once_per_aggregate"),
            models.CheckConstraint(
                name="step_status_known", condition=Q(status__in=["pending", "done", "skipped", "parked"])
            ),
        ]
        indexes = [
            models.Index(
                fields=["module", "aggregate_id", "position"],
                name="step_open",
                condition=Q(status__in=["pending", "parked"]),
            ),
            models.Index(fields=["created_at"], name="step_parked", condition=Q(status="parked")),
        ]


class IdempotencyKey(models.Model):
    """One Idempotency-Key of one caller: claimed under a lease, then the answer to repeat."""

    # The caller's own words, a digest of them, and what was answered; an erased user's rows are deleted.
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"key", "fingerprint", "body"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # A digest of the caller (user, or the cart or order token): who else sends the same key has his own row.
    scope = models.CharField(max_length=64)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    subject_id = models.UUIDField(null=True)
    claim_token = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    # Encrypted: an answer may hold an address or an access token.
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "method", "path", "key"], name="idempotency_one_per_caller")
        ]
        indexes = [
            models.Index(fields=["created_at"], name="idempotency_age"),
            models.Index(fields=["subject_id"], name="idempotency_subject", condition=Q(subject_id__isnull=False)),
        ]


class Heartbeat(models.Model):
    """When a kind of process last said that it is alive."""

    process = models.CharField(max_length=30, primary_key=True)
    beat_at = models.DateTimeField()
