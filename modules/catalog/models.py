"""Catalog's tables: what is sold, for how much, and how much of it there is."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import HoldStatus


class Category(models.Model):
    """A shelf of the shop; shelves stand in a tree."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    position = models.PositiveIntegerField(default=0)
    image = models.CharField(max_length=500, blank=True)
    # Published products that stand on this very shelf; a reader adds those of the shelves below, so that publishing a
    # product locks one row and no root.
    product_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name_plural = "categories"
        constraints = [
            models.CheckConstraint(name="category_not_its_own_parent", condition=~Q(parent=F("id"))),
        ]

    def __str__(self) -> str:
        return self.name


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
    slug = models.SlugField(max_length=200, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    # No index of its own: product_by_category serves what asks for it.
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products", db_index=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    tax_class = models.CharField(max_length=10, choices=TaxClass.choices, default=TaxClass.STANDARD)
    # The names of what its variants differ in, in the order they are asked: ["Size", "Colour"].
    options = models.JSONField(default=list, blank=True)
    # Typed by their JSON: {"material": "cotton", "weight_kg": 1.2, "washable": true}.
    attributes = models.JSONField(default=dict, blank=True)
    # As they are answered: [{"alt", "small": {"url", "width", "height"}, "medium", "large"}].
    images = models.JSONField(default=list, blank=True)
    seo = models.JSONField(default=dict, blank=True)
    published_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="product_status_known", condition=Q(status__in=["draft", "published", "archived"])
            ),
            models.CheckConstraint(name="product_tax_class_known", condition=Q(tax_class__in=["standard", "reduced"])),
            models.CheckConstraint(
                name="product_published_since", condition=~Q(status="published") | Q(published_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["published_at", "id"], name="product_by_newest", condition=Q(status="published")),
            models.Index(fields=["title", "id"], name="product_by_title", condition=Q(status="published")),
            models.Index(fields=["category", "status"], name="product_by_category"),
        ]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """What a buyer puts into a cart: a product in one size, one colour."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants", db_index=False)
    sku = models.CharField(max_length=64, unique=True)
    # The value of each of the product's options, such as {"Size": "M", "Colour": "red"}.
    options = models.JSONField(default=dict, blank=True)
    images = models.JSONField(default=list, blank=True)
    weight_g = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "options"], name="variant_differs_in_its_options"),
        ]

    def __str__(self) -> str:
        return self.sku


class Price(models.Model):
    """What a variant costs in one currency, and what it cost before."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices", db_index=False)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    compare_at_minor = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="price_one_per_currency"),
            models.CheckConstraint(name="price_currency_code", condition=Q(currency__regex="^[A-Z]{3}$")),
            models.CheckConstraint(name="price_not_negative", condition=Q(amount_minor__gte=0)),
            models.CheckConstraint(
                name="price_was_higher",
                condition=Q(compare_at_minor__isnull=True) | Q(compare_at_minor__gt=F("amount_minor")),
            ),
        ]


class ProductPrice(models.Model):
    """A product's lowest price in force in one currency: derived from Price in the same transaction, so that sorting
    and paging by price read one index."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices", db_index=False)
    currency = models.CharField(max_length=3)
    from_minor = models.BigIntegerField()
    compare_at_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "currency"], name="product_price_one_per_currency"),
            models.CheckConstraint(name="product_price_not_negative", condition=Q(from_minor__gte=0)),
        ]
        indexes = [
            models.Index(fields=["currency", "from_minor", "product"], name="product_price_by_amount"),
        ]


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
    """The journal: each change of what lies on hand, by whom and what for. Never changed, never deleted."""

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
    # The order or the return it was for: with it, a repetition moves nothing.
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
        ]


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
