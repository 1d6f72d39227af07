"""What was sent: an order's shipments and what lies in them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id
from modules.orders.models.orders import Order, OrderLine


class Shipment(models.Model):
    """One parcel, or what goes out under one tracking number."""

    # Whoever has the number sees at the carrier's where its receiver lives.
    PERSONAL: ClassVar = frozenset({"tracking_number"})

    class Status(models.TextChoices):
        SHIPPED = "shipped"
        DELIVERED = "delivered"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shipments")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.SHIPPED)
    carrier = models.CharField(max_length=40, blank=True)
    tracking_number = models.CharField(max_length=100, blank=True)
    # Catalog's location that it left from, with its name at that time; null where nobody said.
    location_id = models.UUIDField(null=True)
    location_name = models.CharField(max_length=120, null=True)  # noqa: DJ001  (null together with the id)
    # The claim of the request that made it: repeated, it finds its shipment again.
    idempotency_id = models.UUIDField(null=True, unique=True)
    shipped_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="shipment_status_known", condition=Q(status__in=["shipped", "delivered"])),
            models.CheckConstraint(
                name="shipment_delivered_at_a_time",
                condition=Q(status="delivered", delivered_at__isnull=False)
                | Q(status="shipped", delivered_at__isnull=True),
            ),
            models.CheckConstraint(
                name="shipment_location_is_named",
                condition=Q(location_id__isnull=True, location_name__isnull=True)
                | Q(location_id__isnull=False, location_name__isnull=False),
            ),
        ]


class ShipmentItem(models.Model):
    """So many units of a line in a shipment."""

    PERSONAL: ClassVar = frozenset[str]()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="items")
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line"], name="shipment_item_once"),
            models.CheckConstraint(name="shipment_item_quantity", condition=Q(quantity__gt=0)),
        ]
