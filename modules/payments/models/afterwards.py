"""What becomes of a payment once it is authorised or taken: captures and voids, refunds, disputes."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id
from modules.payments.models.payments import Attempt, Payment
from modules.payments.models.statuses import DisputeStatus, RefundStatus


class Instruction(models.Model):
    """What we have decided on for an authorisation, before the provider is told: take it, or let it go."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Kind(models.TextChoices):
        CAPTURE = "capture"
        VOID = "void"

    class Status(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        # The provider would not: the authorisation had lapsed, or the money had moved.
        REFUSED = "refused"

    # The provider's idempotency key.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="instructions", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    # What is to be taken; of a void, nothing.
    amount_minor = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment"], name="instruction_one_at_a_time", condition=Q(status="pending")
            ),
            models.UniqueConstraint(
                fields=["payment"], name="instruction_captures_once", condition=Q(kind="capture", status="done")
            ),
            models.CheckConstraint(name="instruction_kind_known", condition=Q(kind__in=("capture", "void"))),
            models.CheckConstraint(
                name="instruction_status_known", condition=Q(status__in=("pending", "done", "refused"))
            ),
            models.CheckConstraint(
                name="instruction_amount_of_captures",
                condition=Q(kind="capture", amount_minor__gt=0) | Q(kind="void", amount_minor=0),
            ),
        ]
        indexes = [models.Index(fields=["payment", "created_at"], name="instruction_of_payment")]


class Refund(models.Model):
    """Money going back: asked for by us (`reference` is the asker's), or seen at the provider (`reference` empty)."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})

    # The provider's idempotency key of a refund we ask for.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds", db_index=False)
    # Which attempt gives it back, where the payment was captured more than once.
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="+", null=True)
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
        indexes = [models.Index(fields=["created_at"], name="refund_on_its_way", condition=Q(status="pending"))]


class Dispute(models.Model):
    """A payment that its buyer disputes with his bank, as the provider has it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    provider = models.CharField(max_length=30)
    provider_reference = models.CharField(max_length=100)
    status = models.CharField(max_length=20, choices=DisputeStatus.choices)
    amount_minor = models.BigIntegerField()
    # What the bank has taken back so far, and of it what it has returned.
    withdrawn_minor = models.BigIntegerField(default=0)
    reinstated_minor = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=100, blank=True)
    evidence_due_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_reference"], name="dispute_once"),
            models.CheckConstraint(name="dispute_status_known", condition=Q(status__in=DisputeStatus.values)),
            models.CheckConstraint(
                name="dispute_returns_what_it_took",
                condition=Q(reinstated_minor__gte=0, reinstated_minor__lte=F("withdrawn_minor")),
            ),
        ]
