"""Who waits for what."""

from typing import ClassVar

from django.db import models

from ecommerce.kernel.ids import new_id


class StockAlert(models.Model):
    """A user wants to be told, once, when a variant can be bought again."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer_id = models.UUIDField()
    variant_id = models.UUIDField()
    # Who has waited longest is told first.
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "variant_id"], name="stock_alert_once")]
        indexes = [models.Index(fields=["variant_id", "created_at", "id"], name="stock_alert_queue")]

    def __str__(self) -> str:
        return str(self.variant_id)
