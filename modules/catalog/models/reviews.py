"""What buyers say of what they bought: who may, what they wrote, and what staff made of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id
from modules.catalog.models.products import Product


class Reviewer(models.Model):
    """An account that bought something, or was erased: locked by whoever writes in its name, so that an erasure is the
    last who does."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)


class ReviewPermit(models.Model):
    """A customer bought this product, and may say what it is like."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer_id = models.UUIDField()
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="review_permits")
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "product"], name="review_permitted_once"),
        ]


class Review(models.Model):
    """One buyer's stars and words; shown, and counted in the product's average, while it is approved."""

    # The reason is what a member of staff typed, about a person's words.
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"author_name", "title", "body", "reason"})

    class Status(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    # Nobody, once the account is erased; its stars go on counting.
    author_id = models.UUIDField(null=True, editable=False)
    # What the buyer wants to be called.
    author_name = models.CharField(max_length=100, blank=True)
    stars = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150, blank=True)
    body = models.TextField(max_length=5000, blank=True)
    # What the buyer's browser asked for, so that staff know who can read it.
    language = models.CharField(max_length=10)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField(editable=False)
    moderated_at = models.DateTimeField(null=True, editable=False)
    moderator_id = models.UUIDField(null=True, editable=False)
    # Why it was rejected.
    reason = models.CharField(max_length=200, blank=True)
    # Of what the author wrote and what staff decided: what is approved is what was read.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "author_id"], name="review_once"),
            models.CheckConstraint(name="review_one_to_five", condition=Q(stars__gte=1, stars__lte=5)),
            models.CheckConstraint(
                name="review_status_known", condition=Q(status__in=["pending", "approved", "rejected"])
            ),
            models.CheckConstraint(
                name="review_moderated_since", condition=Q(status="pending") | Q(moderated_at__isnull=False)
            ),
            models.CheckConstraint(
                name="review_of_nobody_says_nothing",
                condition=Q(author_id__isnull=False) | Q(author_name="", title="", body=""),
            ),
        ]
        indexes = [
            models.Index(fields=["product", "created_at", "id"], name="review_shown", condition=Q(status="approved")),
            models.Index(
                fields=["product", "stars", "created_at", "id"],
                name="review_shown_by_stars",
                condition=Q(status="approved"),
            ),
            models.Index(fields=["status", "created_at", "id"], name="review_to_moderate"),
            models.Index(fields=["author_id"], name="review_by_author", condition=Q(author_id__isnull=False)),
            models.Index(fields=["moderator_id"], name="review_by_moderator", condition=Q(moderator_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.stars} of 5"
