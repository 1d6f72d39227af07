"""The books."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id
from modules.payments.models.payments import Payment


class Posting(models.Model):
    """One entry in the books: what happened, once. Never changed, never deleted (migration 0002)."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=30)
    # What happened, named so that it cannot be written twice.
    reference = models.CharField(max_length=120)
    # A payout belongs to no payment.
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="postings", null=True)
    order_id = models.UUIDField(null=True)
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "reference"], name="posting_once")]
        indexes = [
            models.Index(fields=["order_id"], name="posting_by_order"),
            models.Index(fields=["posted_at"], name="posting_by_time"),
        ]


class Entry(models.Model):
    """One line of a posting: debits are positive, credits negative; a posting's lines add up to zero per currency."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

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
