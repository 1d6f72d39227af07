"""What lists are made of: one narrow row for each published product, derived in the transaction that changed it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from ecommerce.kernel.ids import new_id
from modules.catalog.models.categories import Category
from modules.catalog.models.products import Product


class Listing(models.Model):
    """A published product as lists sort and filter it. There is none for a draft or an archived product.

    Each order has an index over the whole shop and one by category; a branch of the tree is read by merging its
    shelves, so that a page costs the same however many products there are.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    product = models.OneToOneField(Product, on_delete=models.CASCADE, primary_key=True, related_name="listing")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+", db_index=False)
    published_at = models.DateTimeField()
    title = models.CharField(max_length=200)
    # The average of the approved reviews, 0 where there is none.
    rating = models.DecimalField(max_digits=3, decimal_places=2, default=0)
    popularity = models.PositiveIntegerField(default=0)
    in_stock = models.BooleanField(default=False)
    # What it can be filtered by: "material=linen", and "size=M" of its variants' options.
    tokens = ArrayField(models.TextField(), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["published_at", "product"], name="listing_newest"),
            models.Index(fields=["category", "published_at", "product"], name="listing_newest_by_category"),
            models.Index(fields=["title", "product"], name="listing_title"),
            models.Index(fields=["category", "title", "product"], name="listing_title_by_category"),
            # Who searches for the very title.
            models.Index(Lower("title"), name="listing_very_title"),
            models.Index(fields=["rating", "product"], name="listing_rating"),
            models.Index(fields=["category", "rating", "product"], name="listing_rating_by_category"),
            # Whether a shelf has such products at all, and where they are.
            GinIndex(fields=["category", "tokens"], name="listing_shelf_tokens"),
        ]
        constraints = [
            models.CheckConstraint(name="listing_rating_to_five", condition=Q(rating__gte=0, rating__lte=5)),
        ]


class ProductPrice(models.Model):
    """A published product's lowest price in force in one currency, so that sorting and paging by price read one
    index."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices", db_index=False)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    from_minor = models.BigIntegerField()
    compare_at_minor = models.BigIntegerField(null=True)
    lowest_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            # With what cards show, so that a price is read from this index alone.
            models.UniqueConstraint(
                fields=["product", "currency"],
                name="product_price_one_per_currency",
                include=["from_minor", "compare_at_minor", "lowest_minor"],
            ),
            models.CheckConstraint(name="product_price_not_negative", condition=Q(from_minor__gte=0)),
        ]
        indexes = [
            models.Index(fields=["currency", "from_minor", "product"], name="product_price_by_amount"),
            models.Index(fields=["category", "currency", "from_minor", "product"], name="product_price_by_category"),
        ]
