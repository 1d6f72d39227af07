"""What staff change of an order after it was paid for, while nothing of it is shipped, or for what comes back."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id
from modules.orders.models.orders import Order, SoldUnits
from modules.orders.models.returns import Return


class OrderEdit(models.Model):
    """Units added to an order, and units taken off it or sent back: all of it takes effect, once its difference is
    paid, or none. The smaller of both sums is set off; what is left of the larger is paid, or given back.

    `captured_minor` and `refunded_minor` are of its own payment, whose purpose is "edit:<id>".
    """

    # What staff typed, and what it was refused with.
    PERSONAL: ClassVar = frozenset({"reason", "refusal"})

    class Status(models.TextChoices):
        OPENING = "opening"
        WAITING = "waiting"
        APPLIED = "applied"
        REFUSED = "refused"
        LAPSED = "lapsed"
        CANCELLED = "cancelled"

    # While one is open nothing else happens to what the order is made of.
    OPEN = (Status.OPENING, Status.WAITING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="edits")
    # An exchange: what is sent back by it is taken off.
    return_of = models.ForeignKey(Return, on_delete=models.CASCADE, null=True, related_name="exchanges")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPENING)
    reason = models.CharField(max_length=500, blank=True)
    restock = models.BooleanField(default=True)
    actor = models.CharField(max_length=60)
    # The claim of the request that made it: repeated, it finds its edit again.
    idempotency_id = models.UUIDField(null=True, unique=True)

    # What is taken off: [{"line_id", "quantity", "amount_minor"}]; of an exchange what comes back.
    removed = models.JSONField(default=list)
    removed_minor = models.BigIntegerField(default=0)
    # What is added: its lines at their prices, and with tax where that is on top.
    subtotal_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    added_minor = models.BigIntegerField(default=0)
    taxes = models.JSONField(default=list)

    payment_id = models.UUIDField(null=True)
    payment_provider = models.CharField(max_length=30, blank=True)
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    refusal = models.JSONField(null=True)
    created_at = models.DateTimeField()
    payable_until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="order_edit_status_known",
                condition=Q(status__in=["opening", "waiting", "applied", "refused", "lapsed", "cancelled"]),
            ),
            models.UniqueConstraint(
                fields=["order"], name="order_edit_one_open", condition=Q(status__in=["opening", "waiting"])
            ),
            models.UniqueConstraint(
                fields=["return_of"],
                name="order_edit_one_per_return",
                condition=Q(status__in=["opening", "waiting", "applied"]),
            ),
            models.CheckConstraint(
                name="order_edit_amounts",
                condition=Q(
                    removed_minor__gte=0,
                    subtotal_minor__gte=0,
                    tax_minor__gte=0,
                    added_minor__gte=0,
                    captured_minor__gte=0,
                    refunded_minor__gte=0,
                    refunded_minor__lte=models.F("captured_minor"),
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["payable_until"], name="order_edit_to_lapse", condition=Q(status__in=["opening", "waiting"])
            ),
        ]

    @property
    def set_off_minor(self) -> int:
        """What of the added is paid for by what is taken off."""
        return min(self.added_minor, self.removed_minor)

    @property
    def due_minor(self) -> int:
        """What is left to pay."""
        return self.added_minor - self.set_off_minor

    @property
    def is_paid(self) -> bool:
        """Whether it had something to pay, and that has come."""
        return bool(self.due_minor) and self.captured_minor >= self.due_minor

    @property
    def back_minor(self) -> int:
        """What goes back in money."""
        return self.removed_minor - self.set_off_minor


class EditLine(SoldUnits):
    """One variant that is added; the order's own line once the edit has taken effect."""

    PERSONAL: ClassVar = frozenset[str]()

    edit = models.ForeignKey(OrderEdit, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edit", "position"], name="order_edit_line_place")]
