"""What is to be paid, each try to collect it, and what the provider said of it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id
from modules.payments.contracts import PaymentStatus
from modules.payments.models.statuses import OPEN, AttemptStatus


class Payment(models.Model):
    """The money of one order for one purpose: one row, however often it is asked for.

    Everything from `status` on is the fold of its attempts' observations and its refunds, written by logic/recording.py
    alone; `version` grows with each change, and a writer that read an older one begins again.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"payer_id", "token_hash"})

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
    # The payer has erased his account: what the provider says of this payment from then on is kept without its words.
    payer_erased_at = models.DateTimeField(null=True)
    token_hash = models.CharField(max_length=64, blank=True)
    payable_until = models.DateTimeField()
    # Only authorised at first, and taken when the first parcel leaves.
    captures_later = models.BooleanField(default=False)
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
    # What disputes hold, or have taken for good: it cannot be refunded.
    disputed_minor = models.BigIntegerField(default=0)
    # When the authorisation lapses, where the provider tells.
    capture_before = models.DateTimeField(null=True)
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
                & Q(refund_pending_minor__gte=0, disputed_minor__gte=0),
            ),
            models.CheckConstraint(
                name="payment_refunded_from_captured", condition=Q(refunded_minor__lte=F("captured_minor"))
            ),
            models.CheckConstraint(name="payment_currency_code", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(
                name="payment_forgets_the_erased",
                condition=Q(payer_erased_at=None) | Q(token_hash=""),
            ),
        ]
        indexes = [
            models.Index(fields=["payer_id"], name="payment_of_payer", condition=Q(payer_id__isnull=False)),
            models.Index(fields=["capture_before"], name="payment_authorized", condition=Q(status="authorized")),
            models.Index(fields=["created_at"], name="payment_by_time"),
            models.Index(fields=["id"], name="payment_surplus", condition=Q(captured_minor__gt=F("amount_minor"))),
            models.Index(fields=["status", "id"], name="payment_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.order_id}"


class Attempt(models.Model):
    """One try to collect a payment. Its id is the provider's idempotency key and stands in the provider's metadata."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="attempts", db_index=False)
    # 1, 2, 3: ids made in one millisecond have no order.
    number = models.PositiveSmallIntegerField(default=1)
    provider = models.CharField(max_length=30)
    method = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=20, choices=AttemptStatus.choices, default=AttemptStatus.STARTED)
    # The provider's own name of the payer, as it was when the attempt began: its saved methods hang on it.
    customer = models.CharField(max_length=100, blank=True)
    # The provider was asked again for it: the first time may not have reached it, this one may have.
    was_repeated = models.BooleanField(default=False)
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
        indexes = [models.Index(fields=["created_at"], name="attempt_by_time")]


class Observation(models.Model):
    """What a provider said about an attempt, normalised; the same thing said again is the same row."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="observations", db_index=False)
    said = models.JSONField()
    digest = models.CharField(max_length=64)
    observed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "digest"], name="observation_said_once")]
