"""How orders are shipped, and what that costs."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id


class ShippingMethod(models.Model):
    """A way to ship to some countries; its price per currency stands in ShippingPrice."""

    PERSONAL: ClassVar = frozenset[str]()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=50)
    title = models.CharField(max_length=100)
    countries = ArrayField(models.CharField(max_length=2))
    min_days = models.PositiveSmallIntegerField()
    max_days = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="shipping_method_code"),
            models.CheckConstraint(name="shipping_days_in_order", condition=Q(min_days__lte=F("max_days"))),
        ]


class ShippingPrice(models.Model):
    """What a shipping method costs in one currency, and from which subtotal on it is free."""

    PERSONAL: ClassVar = frozenset[str]()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    method = models.ForeignKey(ShippingMethod, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    price_minor = models.BigIntegerField()
    free_from_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["method", "currency"], name="shipping_price_per_currency"),
            models.CheckConstraint(name="shipping_price_not_negative", condition=Q(price_minor__gte=0)),
        ]
