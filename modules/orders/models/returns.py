"""What comes back: returns and what lies in them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id
from modules.orders.models.orders import Order, OrderLine


class Return(models.Model):
    """A buyer's wish to send something back, and what became of it."""

    # What staff answer him.
    PERSONAL: ClassVar = frozenset({"answer"})

    class Status(models.TextChoices):
        REQUESTED = "requested"
        APPROVED = "approved"
        RECEIVED = "received"
        REJECTED = "rejected"

    # What holds its units: nobody asks to return them twice.
    LIVE = (Status.REQUESTED, Status.APPROVED, Status.RECEIVED)
    OPEN = (Status.REQUESTED, Status.APPROVED)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="returns")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.REQUESTED)
    answer = models.CharField(max_length=500, blank=True)
    # The claim of the request that made it: repeated, it finds its return again.
    idempotency_id = models.UUIDField(null=True, unique=True)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="return_status_known",
                condition=Q(status__in=["requested", "approved", "received", "rejected"]),
            ),
            models.CheckConstraint(
                name="return_received_at_a_time",
                condition=Q(status="received", received_at__isnull=False)
                | Q(received_at__isnull=True) & ~Q(status="received"),
            ),
        ]
        indexes = [
            # Staff's queue: what is still to be decided or to arrive.
            models.Index(
                fields=["requested_at", "id"], name="return_open", condition=Q(status__in=["requested", "approved"])
            ),
        ]


class ReturnItem(models.Model):
    """So many units of a line that come back, and why."""

    # What the buyer typed.
    PERSONAL: ClassVar = frozenset({"reason"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    return_of = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="items")
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["return_of", "line"], name="return_item_once"),
            models.CheckConstraint(name="return_item_quantity", condition=Q(quantity__gt=0)),
        ]
