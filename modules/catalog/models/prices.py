"""What things cost, what they cost for a while, and what they cost before."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id
from modules.catalog.models.products import Variant


class Price(models.Model):
    """What a variant costs in one currency.

    Staff write the regular price, and a sale price with its period. The price in force and what it was lowered from
    follow from them and are kept beside them: flipped in one transaction with the product's lowest price, so that
    lists, carts and checkout agree at every instant.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices", db_index=False)
    currency = models.CharField(max_length=3)
    regular_minor = models.BigIntegerField()
    sale_minor = models.BigIntegerField(null=True, blank=True)
    # Empty at either end: open at that end.
    sale_starts_at = models.DateTimeField(null=True, blank=True)
    sale_ends_at = models.DateTimeField(null=True, blank=True)
    # In force now.
    amount_minor = models.BigIntegerField()
    # The regular price, while the sale price is in force.
    compare_at_minor = models.BigIntegerField(null=True, blank=True)
    # While the price is reduced: the lowest in force in the 30 days before the reduction (98/6/EC, article 6a).
    lowest_minor = models.BigIntegerField(null=True, blank=True)
    # When the sale begins or ends next.
    changes_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="price_one_per_currency"),
            models.CheckConstraint(name="price_currency_code", condition=Q(currency__regex="^[A-Z]{3}$")),
            models.CheckConstraint(name="price_not_negative", condition=Q(amount_minor__gte=0)),
            models.CheckConstraint(
                name="price_was_higher",
                condition=Q(compare_at_minor__isnull=True) | Q(compare_at_minor__gt=F("amount_minor")),
            ),
            models.CheckConstraint(
                name="price_sale_is_lower",
                condition=Q(sale_minor__isnull=True) | Q(sale_minor__gte=0, sale_minor__lt=F("regular_minor")),
            ),
            models.CheckConstraint(
                name="price_sale_period",
                condition=Q(sale_starts_at__isnull=True)
                | Q(sale_ends_at__isnull=True)
                | Q(sale_starts_at__lt=F("sale_ends_at")),
            ),
            models.CheckConstraint(
                name="price_period_of_a_sale",
                condition=Q(sale_minor__isnull=False) | Q(sale_starts_at__isnull=True, sale_ends_at__isnull=True),
            ),
            models.CheckConstraint(
                name="price_in_force_is_one_of_both",
                condition=Q(amount_minor=F("regular_minor"), compare_at_minor__isnull=True)
                | Q(amount_minor=F("sale_minor"), compare_at_minor=F("regular_minor")),
            ),
            models.CheckConstraint(
                name="price_lowest_while_reduced",
                condition=Q(compare_at_minor__isnull=True, lowest_minor__isnull=True)
                | Q(compare_at_minor__isnull=False, lowest_minor__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["changes_at"], name="price_to_flip", condition=Q(changes_at__isnull=False)),
        ]


class PriceChange(models.Model):
    """The history: from `at` on this was the price in force. Append-only, and kept for good.

    It stays small: a row is narrow and written only when the amount in force changes, which a price does a few times a
    year; a price that never changed since its product was created needs none.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="price_changes", db_index=False)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            # Two at one instant would have no order.
            models.UniqueConstraint(fields=["variant", "currency", "at"], name="price_change_one_at_a_time"),
            models.CheckConstraint(name="price_change_not_negative", condition=Q(amount_minor__gte=0)),
        ]
