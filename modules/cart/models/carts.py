"""Users' carts as they were last written behind, for the day when Redis has lost them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class SavedCart(models.Model):
    """A user's one cart as it was seen in Redis; guests' carts are not saved."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"owner_id", "basket"})

    owner_id = models.UUIDField(primary_key=True, editable=False)
    cart_id = models.UUIDField(unique=True)
    changed_at = models.DateTimeField(db_index=True)
    # logic.baskets.Basket in its wire form.
    basket = models.JSONField()
    # Whether somebody still has to look, once it is silent for long enough.
    is_watched = models.BooleanField()
    # When this very cart was found to be abandoned, and that was announced.
    abandoned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="saved_cart_abandoned_once", condition=Q(abandoned_at=None) | Q(is_watched=False)
            ),
        ]
        indexes = [
            models.Index(fields=["changed_at", "owner_id"], name="saved_cart_watched", condition=Q(is_watched=True)),
        ]

    def __str__(self) -> str:
        return str(self.cart_id)
