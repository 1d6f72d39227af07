"""Which order used which promotions, and how often each was used by whom."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id
from modules.cart.models.promotions import Promotion


class Redemption(models.Model):
    """The promotions that one order uses; released, it is a tombstone that refuses to redeem the order again."""

    class Status(models.TextChoices):
        REDEEMED = "redeemed"
        RELEASED = "released"

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"customer_key"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order_id = models.UUIDField(unique=True)
    status = models.CharField(max_length=10, choices=Status.choices)
    promotion_ids = ArrayField(models.UUIDField(), default=list)
    codes = ArrayField(models.CharField(max_length=50), default=list)
    # The user's id, or an HMAC of the normalised e-mail; empty on the tombstone of an order that was never seen.
    customer_key = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="redemption_released_at_with_status",
                condition=Q(status="redeemed", released_at=None) | Q(status="released", released_at__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["customer_key"], name="redemption_of_customer"),
            # For staff who look for the orders of a promotion or a code; an order without any is in neither.
            GinIndex(fields=["promotion_ids"], name="redemption_of_promotion"),
            GinIndex(fields=["codes"], name="redemption_of_code"),
        ]


class CustomerUse(models.Model):
    """How often one customer's orders use a promotion now; of promotions that limit it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"customer_key"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="customer_uses", db_index=False)
    customer_key = models.CharField(max_length=100)
    used = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["promotion", "customer_key"], name="customer_use_once"),
        ]
