"""How much of what lies where, how much of it is put aside for whom, and how it came to be so."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import HoldStatus
from modules.catalog.models.products import Variant


class Location(models.Model):
    """Where stock lies. There is one by default, so that a small shop never sees the word."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], name="location_one_default", condition=Q(is_default=True)),
        ]

    def __str__(self) -> str:
        return self.name


class StockLevel(models.Model):
    """How much of a variant lies at a location, and how much of that is put aside for orders."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="levels", db_index=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="levels", db_index=False)
    on_hand = models.IntegerField(default=0)
    held = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "location"], name="stock_one_level_per_location"),
            models.CheckConstraint(name="stock_on_hand_not_negative", condition=Q(on_hand__gte=0)),
            models.CheckConstraint(name="stock_held_not_negative", condition=Q(held__gte=0)),
            models.CheckConstraint(name="stock_held_is_on_hand", condition=Q(held__lte=F("on_hand"))),
        ]

    def __str__(self) -> str:
        return self.variant.sku


class StockMovement(models.Model):
    """The journal: each change of what lies on hand, by whom and what for. Never deleted, and never changed, but that
    the words of an erased member of staff are blanked."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"actor_id", "reason"})

    class Kind(models.TextChoices):
        RECEIVED = "received"
        SOLD = "sold"
        RETURNED = "returned"
        DAMAGED = "damaged"
        CORRECTED = "corrected"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="movements", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    delta = models.IntegerField()
    # The staff member; empty where an order caused it.
    actor_id = models.UUIDField(null=True)
    # The order or the return it was for, or the form it was sent by: with it, a repetition moves nothing.
    reference = models.UUIDField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "level", "kind"],
                name="movement_once_per_reference",
                condition=Q(reference__isnull=False),
            ),
            models.CheckConstraint(
                name="movement_kind_known",
                condition=Q(kind__in=["received", "sold", "returned", "damaged", "corrected"]),
            ),
            models.CheckConstraint(name="movement_moves", condition=~Q(delta=0)),
            models.CheckConstraint(
                name="movement_right_way",
                condition=Q(kind__in=["received", "returned"], delta__gt=0)
                | Q(kind__in=["sold", "damaged"], delta__lt=0)
                | Q(kind="corrected"),
            ),
        ]
        indexes = [
            models.Index(fields=["level", "created_at"], name="movement_by_level"),
            models.Index(fields=["actor_id"], name="movement_by_actor", condition=Q(actor_id__isnull=False)),
            # What was sold when: by it popularity is counted.
            models.Index(
                fields=["created_at"], name="movement_sold_when", condition=Q(kind="sold"), include=["level", "delta"]
            ),
        ]


class SalesCount(models.Model):
    """Up to where the journal's sales are counted as their products' popularity. There is one row at most."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    counted_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="sales_counted_once", condition=Q(id=1))]


class StockHold(models.Model):
    """Stock put aside for one order. A released one without lines is a tombstone: its order may not hold any more."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order_id = models.UUIDField(unique=True)
    status = models.CharField(max_length=10, choices=[(s.value, s.value) for s in HoldStatus], default=HoldStatus.HELD)
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="hold_status_known", condition=Q(status__in=["held", "committed", "released"])),
        ]


class StockHoldLine(models.Model):
    """So many units of one level. Never changed: the hold's status says whether they still count."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hold = models.ForeignKey(StockHold, on_delete=models.PROTECT, related_name="lines", db_index=False)
    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="hold_lines")
    quantity = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hold", "level"], name="hold_line_one_per_level"),
            models.CheckConstraint(name="hold_line_positive", condition=Q(quantity__gt=0)),
        ]
