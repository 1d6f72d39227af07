"""Which tax applies where, and when."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id


class TaxExemption(models.TextChoices):
    """Why an order is charged no tax; its invoice says so in words (logic/exemptions.py)."""

    INTRA_COMMUNITY_SUPPLY = "intra_community_supply"


class TaxRate(models.Model):
    """The rate of one tax class in one country, or in one region of it, as a fraction (0.19 is 19 %).

    A region's rate is all that is charged there: it stands in for its country's, and is not added to it. Its days are
    the shop's own, both included; no two rates of one place and class have a day in common (an exclusion constraint:
    migration 0008).
    """

    PERSONAL: ClassVar = frozenset[str]()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    country = models.CharField(max_length=2)
    # ISO 3166-2 without the country; blank: the whole country.
    region = models.CharField(max_length=3, blank=True)
    tax_class = models.CharField(max_length=30)
    title = models.CharField(max_length=100)
    rate = models.DecimalField(max_digits=7, decimal_places=4)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="tax_rate_is_a_fraction", condition=Q(rate__gte=0, rate__lt=1)),
            models.CheckConstraint(
                name="tax_rate_days_in_order",
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_from__lte=F("valid_until")),
            ),
        ]
        indexes = [models.Index(fields=["country", "region"], name="tax_rate_of_place")]

    def __str__(self) -> str:
        return f"{self.title} ({self.country}{'-' if self.region else ''}{self.region})"
