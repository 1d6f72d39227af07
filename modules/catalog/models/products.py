"""What is sold: products, their variants, their words in several languages, and what goes with them."""

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from ecommerce.kernel.ids import new_id
from modules.catalog.models.categories import Category


class Product(models.Model):
    """Something the shop sells, in one or more variants."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        ARCHIVED = "archived"

    class TaxClass(models.TextChoices):
        STANDARD = "standard"
        REDUCED = "reduced"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The name it has in the merchant's other systems; imports find a product by it.
    external_key = models.CharField(max_length=100, null=True, blank=True, unique=True)
    slug = models.SlugField(max_length=200, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    # No index of its own: product_by_category serves what asks for it.
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products", db_index=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    # A draft is published when this instant has come; empty once it is.
    publish_at = models.DateTimeField(null=True, blank=True)
    tax_class = models.CharField(max_length=10, choices=TaxClass.choices, default=TaxClass.STANDARD)
    # The names of what its variants differ in, in the order they are asked: ["Size", "Colour"].
    options = models.JSONField(default=list, blank=True)
    # By their codes, typed as the Attribute of that code says: {"material": "cotton", "weight_kg": 1.2}.
    attributes = models.JSONField(default=dict, blank=True)
    # As they are answered: [{"alt", "small": {"url", "width", "height"}, "medium", "large"}].
    images = models.JSONField(default=list, blank=True)
    # {"title": …, "description": …} for search engines; the title and nothing where left out.
    seo = models.JSONField(default=dict, blank=True)
    # Of its approved reviews: stored, so that no reader adds them up.
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    # How much of it was sold lately; what is popular is found first. Kept by a task, never by a sale.
    popularity = models.PositiveIntegerField(default=0, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    # Of the product with its variants, prices and words: every change by staff is another version.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="product_status_known", condition=Q(status__in=["draft", "published", "archived"])
            ),
            models.CheckConstraint(name="product_tax_class_known", condition=Q(tax_class__in=["standard", "reduced"])),
            models.CheckConstraint(
                name="product_published_since", condition=~Q(status="published") | Q(published_at__isnull=False)
            ),
            models.CheckConstraint(
                name="product_scheduled_as_draft", condition=Q(publish_at__isnull=True) | Q(status="draft")
            ),
            models.CheckConstraint(
                name="product_rated_one_to_five",
                condition=Q(rating_sum__gte=F("rating_count"), rating_sum__lte=F("rating_count") * 5),
            ),
        ]
        indexes = [
            models.Index(fields=["category", "status"], name="product_by_category"),
            models.Index(fields=["publish_at"], name="product_to_publish", condition=Q(publish_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """What a buyer puts into a cart: a product in one size, one colour."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants", db_index=False)
    sku = models.CharField(max_length=64, unique=True)
    # GTIN (EAN, UPC): 8 to 14 digits.
    barcode = models.CharField(max_length=14, blank=True)
    # The value of each of the product's options, such as {"Size": "M", "Colour": "red"}.
    options = models.JSONField(default=dict, blank=True)
    images = models.JSONField(default=list, blank=True)
    weight_g = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    # One that was ever sold is not deleted: orders and the journal know it. From here on nobody is offered it.
    archived_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "options"],
                name="variant_differs_in_its_options",
                condition=Q(archived_at__isnull=True),
            ),
            models.CheckConstraint(name="variant_barcode_digits", condition=Q(barcode__regex="^([0-9]{8,14})?$")),
        ]
        indexes = [
            models.Index(fields=["product", "position", "id"], name="variant_by_product"),
            models.Index(OpClass(Upper("sku"), name="text_pattern_ops"), name="variant_by_folded_sku"),
        ]

    def __str__(self) -> str:
        return self.sku


class ProductTranslation(models.Model):
    """A product's words in one more language; what is empty falls back to the product's own."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="translations", db_index=False)
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    seo = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "language"], name="product_translated_once"),
        ]

    def __str__(self) -> str:
        return self.language


class ProductSlug(models.Model):
    """A slug that a product had before: its address leads to the new one (301), until another product takes it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    slug = models.SlugField(max_length=200, primary_key=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="old_slugs")
    created_at = models.DateTimeField(editable=False)

    def __str__(self) -> str:
        return self.slug


class RelatedProduct(models.Model):
    """What staff show beside a product, in their order."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="related", db_index=False)
    related = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="related_to")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "related"], name="related_once"),
            models.CheckConstraint(name="related_to_another", condition=~Q(product=F("related"))),
        ]
