"""Where customers have their parcels and invoices sent."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id
from modules.users.models.accounts import User


class Address(models.Model):
    """An entry of a customer's address book; orders keep copies of their own."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset(
        {"full_name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone"}
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    full_name = models.CharField(max_length=200)
    company = models.CharField(max_length=200, blank=True)
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    # ISO 3166-1 alpha-2.
    country = models.CharField(max_length=2)
    phone = models.CharField(max_length=40, blank=True)
    is_default_shipping = models.BooleanField(default=False)
    is_default_billing = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["user"], name="address_one_default_shipping", condition=Q(is_default_shipping=True)
            ),
            models.UniqueConstraint(
                fields=["user"], name="address_one_default_billing", condition=Q(is_default_billing=True)
            ),
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["user", "-created_at", "-id"], name="address_of_user")]
