"""Reviews in tests, written the way buyers write them and shown the way staff show them."""

from typing import Any
from uuid import UUID

from ecommerce.kernel.ids import new_id
from modules.catalog.logic.moderation import approve
from modules.catalog.logic.reviewers import allow_reviews
from modules.catalog.logic.reviews import write_review
from modules.catalog.models import Product, Review
from modules.catalog.tests.factories import make_product


def make_buyer(*products: Product) -> UUID:
    """A customer who has bought these products."""
    customer_id = new_id()
    variant_ids = [variant.id for product in products for variant in product.variants.all()]
    allow_reviews(customer_id=customer_id, variant_ids=variant_ids)
    return customer_id


def make_review(product: Product | None = None, *, approved: bool = False, stars: int = 4, **words: Any) -> Any:
    """A buyer's review, pending unless it is approved; it has an author, as none but an erased one's lacks."""
    product = product or make_product()
    author_id = words.pop("author_id", None) or make_buyer(product)
    review = write_review(slug_or_id=product.slug, author_id=author_id, language="en", stars=stars, **words)
    return approve(review_id=review.id, moderator_id=new_id()) if approved else review


def rating(product: Product | UUID) -> tuple[int, int, str | None]:
    """A product's stars, their number, and what its listing shows."""
    found = Product.objects.get(id=product.id if isinstance(product, Product) else product)
    listing = getattr(found, "listing", None)
    return found.rating_sum, found.rating_count, str(listing.rating) if listing else None


def status_of(review: Review) -> str:
    """What became of it."""
    return Review.objects.get(id=review.id).status
