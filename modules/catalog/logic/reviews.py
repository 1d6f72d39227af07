"""What a buyer does with his review: he writes, changes and takes it back. Staff see it first: see moderation.py.

Everyone locks in one order: the reviewer, the product, the review, and at last the product's listing.
"""

from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, QuerySet

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import NotFound
from ecommerce.kernel.events import publish
from modules.catalog.contracts import AlreadyReviewed, NotABuyer, UnknownReview
from modules.catalog.events import ReviewSubmitted
from modules.catalog.logic.ratings import change_rating, lock_rating
from modules.catalog.logic.reviewers import is_buyer, lock_reviewer
from modules.catalog.models import Product, Review

Status = Review.Status


def shown_reviews(*, slug_or_id: str, stars: int | None = None) -> QuerySet[Review]:
    """The approved reviews of a published product, by its slug (today's or an old one) or id; refuses any other."""
    shown = Review.objects.filter(product_id=_find_product(slug_or_id), status=Status.APPROVED)
    return shown if stars is None else shown.filter(stars=stars)


def write_review(*, slug_or_id: str, author_id: UUID, language: str, **words: Any) -> Review:
    """Write a review, to be shown when staff have approved it.

    Refuses a product that is not there or not published, who has not bought it (NotABuyer), and the second one of the
    same author (AlreadyReviewed).
    """
    product_id = _find_product(slug_or_id)
    review = Review(product_id=product_id, author_id=author_id, language=language, created_at=clock.now(), **words)
    try:
        with atomic(Review):
            if not (lock_reviewer(author_id) and is_buyer(author_id, product_id)):
                raise NotABuyer
            review.save(force_insert=True)
            publish(ReviewSubmitted(review_id=review.id, product_id=product_id))
    except IntegrityError as error:
        if "review_once" in str(error):
            raise AlreadyReviewed from error
        raise
    return review


def find_own(*, review_id: UUID, author_id: UUID) -> Review:
    """An author's review, whatever its status; nobody else's is found."""
    review = Review.objects.filter(id=review_id, author_id=author_id).first()
    if review is None:
        raise UnknownReview
    return review


def change_review(*, review_id: UUID, author_id: UUID, **words: Any) -> Review:
    """Write it otherwise: it waits for staff again, and counts no more meanwhile. Repeating changes nothing."""
    with atomic(Review):
        review = _lock_own(review_id, author_id)
        if all(getattr(review, name) == value for name, value in words.items()):
            return review
        leave_average(review)
        decide(review, status=Status.PENDING, moderated_at=None, moderator_id=None, reason="", **words)
        publish(ReviewSubmitted(review_id=review.id, product_id=review.product_id))
    return review


def delete_review(*, review_id: UUID, author_id: UUID) -> None:
    """Take it back; refuses one that is not there. The author may write another."""
    with atomic(Review):
        review = _lock_own(review_id, author_id)
        leave_average(review)
        Review.objects.filter(id=review.id).delete()


def lock_review(review_id: UUID, **whose: Any) -> Review:
    """In the open transaction, lock a review behind its product; refuses one that is not there."""
    # A review stays with its product, so that can be asked without a lock.
    product_id = Review.objects.filter(id=review_id, **whose).values_list("product_id", flat=True).first()
    if product_id is not None:
        lock_rating(product_id)
    review = Review.objects.select_for_update().filter(id=review_id, **whose).first()
    if review is None:
        raise UnknownReview
    return review


def decide(review: Review, **changes: Any) -> None:
    """Write what becomes of a locked review, as its next version."""
    Review.objects.filter(id=review.id).update(version=F("version") + 1, **changes)
    review.version += 1
    for name, value in changes.items():
        setattr(review, name, value)


def leave_average(review: Review) -> None:
    """A locked review is counted no more, if it was."""
    if review.status == Status.APPROVED:
        change_rating(review.product_id, stars=-review.stars, reviews=-1)


def _lock_own(review_id: UUID, author_id: UUID) -> Review:
    if not lock_reviewer(author_id):
        raise UnknownReview
    return lock_review(review_id, author_id=author_id)


def _find_product(slug_or_id: str) -> UUID:
    for key in _keys(slug_or_id):
        published = Product.objects.filter(status=Product.Status.PUBLISHED, **key).values_list("id", flat=True)
        if product_id := published.first():
            return product_id
    raise NotFound("There is no such product.")


def _keys(slug_or_id: str) -> list[dict[str, Any]]:
    try:
        return [{"id": UUID(slug_or_id)}]
    except ValueError:
        return [{"slug": slug_or_id}, {"old_slugs__slug": slug_or_id}]
