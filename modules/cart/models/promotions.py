"""What is taken off carts, and the codes that ask for it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from ecommerce.kernel.ids import new_id
from modules.cart.contracts import PromotionKind


def _values(kind: str, **needed: bool) -> Q:
    """Of a promotion of that kind: these fields are filled, and none of another kind's."""
    fields = ("percent", "amount_minor", "buy_quantity", "get_quantity")
    filled = Q(**{f"{name}__isnull": name not in needed for name in fields})
    return Q(kind=kind) & filled & (~Q(tiers=[]) if "tiers" in needed else Q(tiers=[]))


class Promotion(models.Model):
    """An offer; what its fields mean is said in logic/discounts.py, which applies it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in PromotionKind])
    # Whether it applies only where one of its coupons was entered.
    needs_code = models.BooleanField(default=False)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    # Minor units of `currency`.
    amount_minor = models.BigIntegerField(null=True, blank=True)
    minimum_minor = models.BigIntegerField(null=True, blank=True)
    # ISO 4217; of the amount and the minimum.
    currency = models.CharField(max_length=3, blank=True)
    # Each a quantity and from there on a percent, as a decimal string.
    tiers = models.JSONField(default=list, blank=True)
    buy_quantity = models.PositiveIntegerField(null=True, blank=True)
    get_quantity = models.PositiveIntegerField(null=True, blank=True)
    # Catalog's ids; none of either is the whole cart.
    category_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    product_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    usage_limit = models.PositiveIntegerField(null=True, blank=True)
    usage_limit_per_customer = models.PositiveIntegerField(null=True, blank=True)
    # How many orders use it now.
    used = models.PositiveIntegerField(default=0, editable=False)
    stackable = models.BooleanField(default=True)
    priority = models.IntegerField(default=0)
    created_at = models.DateTimeField(editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="promotion_kind_has_its_values",
                condition=_values("percentage", percent=True)
                | _values("fixed", amount_minor=True)
                | _values("free_shipping")
                | _values("buy_x_get_y", percent=True, buy_quantity=True, get_quantity=True)
                | _values("tiered", tiers=True),
            ),
            models.CheckConstraint(
                name="promotion_percent_to_100", condition=Q(percent=None) | Q(percent__gt=0, percent__lte=100)
            ),
            models.CheckConstraint(
                name="promotion_amounts_have_a_currency",
                condition=(Q(amount_minor=None) | Q(amount_minor__gt=0))
                & (Q(minimum_minor=None) | Q(minimum_minor__gt=0))
                & (Q(currency="", amount_minor=None, minimum_minor=None) | Q(currency__regex="^[A-Z]{3}$")),
            ),
            models.CheckConstraint(
                name="promotion_ends_after_it_starts",
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
            ),
            # Not that no more is used than the limit: staff may lower it below what was used, and then nobody uses it.
            models.CheckConstraint(
                name="promotion_limits_positive", condition=Q(usage_limit=None) | Q(usage_limit__gt=0)
            ),
        ]
        indexes = [
            # What applies by itself is read with every cart.
            models.Index(fields=["ends_at"], name="promotion_automatic", condition=Q(needs_code=False)),
        ]

    def __str__(self) -> str:
        return self.title


class Coupon(models.Model):
    """A code that asks for a promotion. Codes are compared without case."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="coupons", db_index=False)
    code = models.CharField(max_length=50)
    # How many orders may use this very code; empty where only the promotion's own limit counts.
    usage_limit = models.PositiveIntegerField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Upper("code"), name="coupon_code_once"),
            models.CheckConstraint(
                name="coupon_used_within_its_limit", condition=Q(usage_limit=None) | Q(used__lte=F("usage_limit"))
            ),
        ]
        indexes = [
            # Of a million codes of one promotion, the oldest is shown with it.
            models.Index(fields=["promotion", "created_at", "id"], name="coupon_of_promotion"),
        ]

    def __str__(self) -> str:
        return self.code
