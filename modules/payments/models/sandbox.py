"""The sandbox provider's own tables: the rest of payments learns of them by asking, or by webhook."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id
from modules.payments.models.statuses import AttemptStatus


class SandboxPayment(models.Model):
    """The sandbox provider's side of an attempt: what a real provider would keep in its own database."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    # The caller's idempotency key.
    id = models.UUIDField(primary_key=True, editable=False)
    method = models.CharField(max_length=60)
    status = models.CharField(max_length=20, choices=AttemptStatus.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    # Only authorises: the money is taken by `capture`.
    captures_later = models.BooleanField(default=False)
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    return_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="sandbox_status_known", condition=Q(status__in=AttemptStatus.values)),
            models.CheckConstraint(
                name="sandbox_refunds_what_it_took", condition=Q(refunded_minor__lte=F("captured_minor"))
            ),
            models.CheckConstraint(name="sandbox_takes_its_amount", condition=Q(captured_minor__lte=F("amount_minor"))),
        ]


class SandboxRefund(models.Model):
    """The sandbox provider's side of a refund."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, editable=False)
    payment = models.ForeignKey(SandboxPayment, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    succeeded = models.BooleanField()
    created_at = models.DateTimeField()


class SandboxWebhook(models.Model):
    """An event the sandbox provider has to deliver to the shop, again and again until it is taken."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

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
