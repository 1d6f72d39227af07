"""The shelves of the shop: a tree, its words in several languages, and the names that shelves had before."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.ids import new_id


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
    # {"title": …, "description": …} for search engines; the name and the description where left out.
    seo = models.JSONField(default=dict, blank=True)
    # Published products that stand on this very shelf; a reader adds those of the shelves below, so that publishing a
    # product locks one row and no root.
    product_count = models.PositiveIntegerField(default=0, editable=False)
    # Of what staff edit: every change of it is another version.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name_plural = "categories"
        constraints = [
            models.CheckConstraint(name="category_not_its_own_parent", condition=~Q(parent=F("id"))),
        ]

    def __str__(self) -> str:
        return self.name


class CategoryTranslation(models.Model):
    """A category's words in one more language; what is empty falls back to the category's own."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="translations", db_index=False)
    language = models.CharField(max_length=10)
    name = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)
    seo = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["category", "language"], name="category_translated_once"),
        ]

    def __str__(self) -> str:
        return self.language


class CategorySlug(models.Model):
    """A slug that a category had before: its address leads to the new one (301), until another category takes it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    slug = models.SlugField(max_length=120, primary_key=True)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="old_slugs")
    created_at = models.DateTimeField(editable=False)

    def __str__(self) -> str:
        return self.slug
