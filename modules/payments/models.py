"""Payments' tables: what is to be paid, what the providers said about it, and the ledger."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id
from modules.payments.contracts import PaymentStatus

NOTHING_PERSONAL: frozenset[str] = frozenset()


class AttemptStatus(models.TextChoices):
    """How far one attempt has come, in the order in which more is known of it."""

    STARTED = "started"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CAPTURED = "captured"


OPEN = (
    AttemptStatus.STARTED.value,
    AttemptStatus.REQUIRES_ACTION.value,
    AttemptStatus.PROCESSING.value,
    AttemptStatus.AUTHORIZED.value,
)


class RefundStatus(models.TextChoices):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Payment(models.Model):
    """The money of one order for one purpose: one row, however often it is asked for.

    Everything from `status` on is the fold of its attempts' observations and its refunds, written by logic/recording.py
    alone; `version` grows with each change, and a writer that read an older one begins again.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"payer_id"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order_id = models.UUIDField()
    purpose = models.CharField(max_length=60)
    provider = models.CharField(max_length=30)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    sales_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField()
    payer_id = models.UUIDField(null=True)
    token_hash = models.CharField(max_length=64, blank=True)
    payable_until = models.DateTimeField()
    created_at = models.DateTimeField()
    # Cancelled before anybody had started it: the row is there so that a late start is refused.
    is_tombstone = models.BooleanField(default=False)
    cancel_requested_at = models.DateTimeField(null=True)
    recognised_at = models.DateTimeField(null=True)
    status = models.CharField(
        max_length=20, choices=[(status.value, status.value) for status in PaymentStatus], default="pending"
    )
    authorized_minor = models.BigIntegerField(default=0)
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    refund_pending_minor = models.BigIntegerField(default=0)
    failure_code = models.CharField(max_length=100, blank=True)
    failure_message = models.CharField(max_length=500, blank=True)
    next_action = models.JSONField(null=True)
    # For the buyer's browser to go on with, while an attempt is open.
    client_secret = models.CharField(max_length=255, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_id", "purpose"], name="payment_once_per_purpose"),
            models.CheckConstraint(
                name="payment_status_known", condition=Q(status__in=[status.value for status in PaymentStatus])
            ),
            models.CheckConstraint(
                name="payment_of_something",
                condition=Q(amount_minor__gt=0, is_tombstone=False)
                | Q(amount_minor=0, is_tombstone=True, status="cancelled"),
            ),
            models.CheckConstraint(
                name="payment_split_adds_up",
                condition=Q(amount_minor=F("sales_minor") + F("tax_minor") + F("shipping_minor")),
            ),
            models.CheckConstraint(
                name="payment_amounts_not_negative",
                condition=Q(authorized_minor__gte=0, captured_minor__gte=0, refunded_minor__gte=0)
                & Q(refund_pending_minor__gte=0),
            ),
            models.CheckConstraint(
                name="payment_refunded_from_captured", condition=Q(refunded_minor__lte=F("captured_minor"))
            ),
            models.CheckConstraint(name="payment_currency_code", condition=Q(currency__regex=r"^[A-Z]{3}$")),
        ]
        indexes = [models.Index(fields=["payer_id"], name="payment_of_payer", condition=Q(payer_id__isnull=False))]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.order_id}"


class Attempt(models.Model):
    """One try to collect a payment. Its id is the provider's idempotency key and stands in the provider's metadata."""

    PERSONAL: ClassVar[frozenset[str]] = NOTHING_PERSONAL

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="attempts", db_index=False)
    # 1, 2, 3: ids made in one millisecond have no order.
    number = models.PositiveSmallIntegerField(default=1)
    provider = models.CharField(max_length=30)
    method = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=20, choices=AttemptStatus.choices, default=AttemptStatus.STARTED)
    # The provider's own name for it; empty until the provider has answered.
    provider_reference = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="attempt_status_known", condition=Q(status__in=AttemptStatus.values)),
            models.UniqueConstraint(fields=["payment", "number"], name="attempt_once_per_number"),
            models.UniqueConstraint(
                fields=["payment"], name="attempt_one_open_per_payment", condition=Q(status__in=OPEN)
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                name="attempt_once_per_reference",
                condition=~Q(provider_reference=""),
            ),
        ]


class Observation(models.Model):
    """What a provider said about an attempt, normalised; the same thing said again is the same row."""

    PERSONAL: ClassVar[frozenset[str]] = NOTHING_PERSONAL

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="observations", db_index=False)
    said = models.JSONField()
    digest = models.CharField(max_length=64)
    observed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "digest"], name="observation_said_once")]


class Refund(models.Model):
    """Money going back: asked for by us (`reference` is the asker's), or seen at the provider (`reference` empty)."""

    PERSONAL: ClassVar[frozenset[str]] = NOTHING_PERSONAL

    # The provider's idempotency key of a refund we ask for.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds", db_index=False)
    reference = models.UUIDField(null=True)
    status = models.CharField(max_length=10, choices=RefundStatus.choices, default=RefundStatus.PENDING)
    amount_minor = models.BigIntegerField()
    # How it divides over the accounts; empty where that is not known.
    sales_minor = models.BigIntegerField(null=True)
    tax_minor = models.BigIntegerField(null=True)
    shipping_minor = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    provider_reference = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "reference"], name="refund_once_per_reference"),
            models.CheckConstraint(name="refund_status_known", condition=Q(status__in=RefundStatus.values)),
            models.CheckConstraint(name="refund_of_something", condition=Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="refund_split_adds_up",
                condition=Q(sales_minor=None, tax_minor=None, shipping_minor=None)
                | Q(amount_minor=F("sales_minor") + F("tax_minor") + F("shipping_minor")),
            ),
        ]


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
    body = models.BinaryField()
    received_at = models.DateTimeField()
    # When it was matched with a payment, or found to be about none.
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="event_once_per_provider")]
        indexes = [models.Index(fields=["received_at"], name="event_unhandled", condition=Q(handled_at=None))]


class Posting(models.Model):
    """One entry in the books: what happened, once. Never changed, never deleted (migration 0002)."""

    PERSONAL: ClassVar[frozenset[str]] = NOTHING_PERSONAL

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=30)
    # What happened, named so that it cannot be written twice.
    reference = models.CharField(max_length=120)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="postings")
    order_id = models.UUIDField()
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "reference"], name="posting_once")]
        indexes = [models.Index(fields=["order_id"], name="posting_by_order")]


class Entry(models.Model):
    """One line of a posting: debits are positive, credits negative; a posting's lines add up to zero per currency."""

    PERSONAL: ClassVar[frozenset[str]] = NOTHING_PERSONAL

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="entries")
    account = models.CharField(max_length=60)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(name="entry_of_something", condition=~Q(amount_minor=0)),
            models.CheckConstraint(name="entry_currency_code", condition=Q(currency__regex=r"^[A-Z]{3}$")),
        ]
        indexes = [models.Index(fields=["account", "currency"], name="entry_by_account", include=["amount_minor"])]


class SandboxPayment(models.Model):
    """The sandbox provider's side of an attempt: what a real provider would keep in its own database."""

    PERSONAL: ClassVar[frozenset[str]] = NOTHING_PERSONAL

    # The caller's idempotency key.
    id = models.UUIDField(primary_key=True, editable=False)
    method = models.CharField(max_length=60)
    status = models.CharField(max_length=20, choices=AttemptStatus.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    refunded_minor = models.BigIntegerField(default=0)
    return_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="sandbox_status_known", condition=Q(status__in=AttemptStatus.values)),
            models.CheckConstraint(
                name="sandbox_refunds_its_amount", condition=Q(refunded_minor__lte=F("amount_minor"))
            ),
        ]


class SandboxRefund(models.Model):
    """The sandbox provider's side of a refund."""

    PERSONAL: ClassVar[frozenset[str]] = NOTHING_PERSONAL

    id = models.UUIDField(primary_key=True, editable=False)
    payment = models.ForeignKey(SandboxPayment, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    succeeded = models.BooleanField()
    created_at = models.DateTimeField()


class SandboxWebhook(models.Model):
    """An event the sandbox provider has to deliver to the shop, again and again until it is taken."""

    PERSONAL: ClassVar[frozenset[str]] = NOTHING_PERSONAL

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(SandboxPayment, on_delete=models.PROTECT, related_name="webhooks")
    type = models.CharField(max_length=60)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["next_attempt_at"], name="sandbox_due", condition=Q(delivered_at=None))]
