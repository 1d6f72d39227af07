"""Which tax applies where."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id


class TaxRate(models.Model):
    """The rate of one tax class in one country, as a fraction (0.19 is 19 %)."""

    PERSONAL: ClassVar = frozenset[str]()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    country = models.CharField(max_length=2)
    tax_class = models.CharField(max_length=30)
    title = models.CharField(max_length=100)
    rate = models.DecimalField(max_digits=7, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "tax_class"], name="tax_rate_per_class"),
            models.CheckConstraint(name="tax_rate_is_a_fraction", condition=Q(rate__gte=0, rate__lt=1)),
        ]
