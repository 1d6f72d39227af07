"""Pictures of products and categories: from the file that staff send to the sizes that shoppers see."""

from typing import ClassVar

from django.db import models
from django.db.models import Deferrable, Q

from ecommerce.kernel.ids import new_id
from modules.catalog.models.categories import Category
from modules.catalog.models.products import Product, Variant


class SentImage(models.Model):
    """A picture on its way from the file that staff sent to the sizes that are shown."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    # Why there is no picture: a code.
    failure = models.CharField(max_length=40, blank=True)
    # What staff sent, in the store of files, while it waits: it may say where and when a photograph was taken.
    original = models.CharField(max_length=100, blank=True)
    # {"small": {"url", "width", "height"}, "medium", "large"}
    renditions = models.JSONField(default=dict, blank=True)
    # Who makes them, and from when on somebody else may.
    lease = models.UUIDField(null=True)
    due_at = models.DateTimeField(null=True)
    # How often the store of files did not answer; how often in a row a worker did not come back.
    attempts = models.PositiveIntegerField(default=0)
    crashes = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="%(class)s_is_what_it_says",
                condition=Q(state="waiting", failure="", renditions={}, due_at__isnull=False) & ~Q(original="")
                | Q(state="ready", failure="", original="", due_at=None, lease=None) & ~Q(renditions={})
                | Q(state="failed", renditions={}, original="", due_at=None, lease=None) & ~Q(failure=""),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="%(class)s_to_make", condition=Q(due_at__isnull=False)),
        ]


class ProductImage(SentImage):
    """A picture of a product.

    What shoppers are shown, Product.images and Variant.images, is derived from those that are ready. A seeded product's
    drawings have no row: they stand in until it has a picture of its own.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    # Removed before the product is, so that its files are told to go.
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="pictures", db_index=False)
    # Its place among the product's pictures: 0, 1, 2 …
    position = models.PositiveIntegerField()
    alt = models.CharField(max_length=500, blank=True)

    class Meta(SentImage.Meta):
        constraints = [
            *SentImage.Meta.constraints,
            # Looked at when the transaction ends: pictures change places.
            models.UniqueConstraint(
                fields=["product", "position"], name="image_place_once", deferrable=Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return self.alt or str(self.id)


class CategoryImage(SentImage):
    """A picture of a category: the one that is shown, as Category.image, and the one that will take its place."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="pictures", db_index=False)

    class Meta(SentImage.Meta):
        constraints = [
            *SentImage.Meta.constraints,
            models.UniqueConstraint(fields=["category", "state"], name="category_image_once"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class VariantImage(models.Model):
    """A picture that shows this variant."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    image = models.ForeignKey(ProductImage, on_delete=models.CASCADE, related_name="shown", db_index=False)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="pictured")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "variant"], name="variant_pictured_once"),
        ]


class DiscardedFile(models.Model):
    """A file in the store that no image names: not yet, or not any more. Once it is due, it is deleted."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    name = models.CharField(max_length=100, primary_key=True)
    due_at = models.DateTimeField(db_index=True)
    # From here on nobody may name it again.
    is_going = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name
