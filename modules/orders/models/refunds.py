"""What is given back: refunds, and what of each line and of the shipping they are."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id
from modules.orders.models.orders import Order, OrderLine
from modules.orders.models.returns import Return


class Refund(models.Model):
    """Money given back for an order; its id is the reference under which payments knows it.

    `amount_minor` is the sum of its items and of the shipping in it, tax included.
    """

    # What staff typed, and what the provider answered to it.
    PERSONAL: ClassVar = frozenset({"reason", "refusal"})

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="refunds")
    return_of = models.OneToOneField(Return, on_delete=models.CASCADE, null=True, related_name="refund")
    # The edit that it came by; `is_set_off`: it pays for what that edit adds, so that no money moves.
    edit_id = models.UUIDField(null=True)
    is_set_off = models.BooleanField(default=False, db_default=False)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING)
    amount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    # With its tax, which is shipping_tax_minor of it.
    shipping_minor = models.BigIntegerField(default=0)
    shipping_tax_minor = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    restock = models.BooleanField(default=False)
    actor = models.CharField(max_length=60)
    refusal = models.JSONField(null=True)
    # The claim of the request that made it: repeated, it finds its refund again.
    idempotency_id = models.UUIDField(null=True, unique=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="order_refund_status_known", condition=Q(status__in=["pending", "succeeded", "failed"])
            ),
            models.CheckConstraint(
                name="order_refund_amounts",
                condition=Q(
                    amount_minor__gte=0,
                    tax_minor__gte=0,
                    tax_minor__lte=F("amount_minor"),
                    shipping_minor__gte=0,
                    shipping_minor__lte=F("amount_minor"),
                    shipping_tax_minor__gte=0,
                    shipping_tax_minor__lte=F("shipping_minor"),
                ),
            ),
        ]


class RefundItem(models.Model):
    """What of a line is given back: so many units, or with a quantity of 0 a part of its price."""

    PERSONAL: ClassVar = frozenset[str]()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="items")
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()
    # With its tax, which is tax_minor of it.
    amount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    # How many of the units had not been shipped: they never will be.
    cancelled = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="order_refund_item_once"),
            models.CheckConstraint(
                name="order_refund_item_amounts",
                condition=Q(
                    amount_minor__gte=0,
                    tax_minor__gte=0,
                    tax_minor__lte=F("amount_minor"),
                    cancelled__lte=F("quantity"),
                ),
            ),
        ]
