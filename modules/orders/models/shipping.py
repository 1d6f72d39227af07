"""Where orders are shipped, by which ways, and what that costs: docs/shipping-and-tax.md."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id


class ShippingZone(models.Model):
    """Places that are shipped to in the same ways. One without any is not shipped to."""

    PERSONAL: ClassVar = frozenset[str]()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["title"], name="shipping_zone_title")]

    def __str__(self) -> str:
        return self.title


class ShippingPlace(models.Model):
    """A country ("US"), a region of one ("US-CA", ISO 3166-2), or postal codes of one ("DE 27498", "GB BT*")."""

    PERSONAL: ClassVar = frozenset[str]()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    zone = models.ForeignKey(ShippingZone, on_delete=models.CASCADE, related_name="places")
    code = models.CharField(max_length=20)

    class Meta:
        constraints = [
            # A place is in one zone, so the most specific place of a destination names one.
            models.UniqueConstraint(fields=["code"], name="shipping_place_in_one_zone"),
            models.CheckConstraint(
                name="shipping_place_code", condition=Q(code__regex=r"^[A-Z]{2}(-[A-Z0-9]{1,3}| [A-Z0-9]{1,10}\*?)?$")
            ),
        ]


class ShippingMethod(models.Model):
    """A way to ship to some zones, or to pick up; its prices stand in ShippingPrice. One to pick up that names no zone
    is offered everywhere."""

    PERSONAL: ClassVar = frozenset[str]()

    class Kind(models.TextChoices):
        SHIPPING = "shipping", "shipping"
        PICK_UP = "pick_up", "pick-up"

    class PricedBy(models.TextChoices):
        FLAT = "flat", "one price"
        WEIGHT = "weight", "weight"
        SUBTOTAL = "subtotal", "subtotal after discounts"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=50)
    title = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SHIPPING)
    zones = models.ManyToManyField(ShippingZone, related_name="methods", blank=True)
    priced_by = models.CharField(max_length=10, choices=PricedBy.choices, default=PricedBy.FLAT)
    min_days = models.PositiveSmallIntegerField()
    max_days = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="shipping_method_code"),
            models.CheckConstraint(name="shipping_days_in_order", condition=Q(min_days__lte=F("max_days"))),
            models.CheckConstraint(name="shipping_kind_known", condition=Q(kind__in=["shipping", "pick_up"])),
            models.CheckConstraint(
                name="shipping_priced_by_known", condition=Q(priced_by__in=["flat", "weight", "subtotal"])
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ShippingPrice(models.Model):
    """What a shipping method costs in one currency below its first tier, and from which subtotal on it is free."""

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


class ShippingTier(models.Model):
    """The price from so many grams, or so many minor units of the subtotal, on."""

    PERSONAL: ClassVar = frozenset[str]()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    price = models.ForeignKey(ShippingPrice, on_delete=models.CASCADE, related_name="tiers")
    at_least = models.BigIntegerField()
    price_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["price", "at_least"], name="shipping_tier_once"),
            models.CheckConstraint(name="shipping_tier_amounts", condition=Q(at_least__gt=0, price_minor__gte=0)),
        ]
