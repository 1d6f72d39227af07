"""What staff do with reviews: they read the oldest first, and show them or not."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from uuid import UUID

from django.db.models import QuerySet

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import PreconditionFailed
from ecommerce.kernel.events import publish
from modules.catalog.contracts import UnknownReview
from modules.catalog.events import ReviewApproved
from modules.catalog.logic.ratings import change_rating
from modules.catalog.logic.reviews import decide, leave_average, lock_review
from modules.catalog.models import Review

Status = Review.Status


def reviews_in(status: str) -> QuerySet[Review]:
    """The reviews that are pending, approved or rejected, with their products."""
    return Review.objects.filter(status=status).select_related("product")


def approve(*, review_id: UUID, moderator_id: UUID, versions: frozenset[int] | None = None) -> Review:
    """Show a review and count its stars; repeating is safe. Refuses one that is not there, and one that is at none of
    these versions: its author has changed it since it was read."""
    with atomic(Review):
        review = _lock(review_id, versions)
        if review.status == Status.APPROVED:
            return review
        decide(review, status=Status.APPROVED, moderated_at=clock.now(), moderator_id=moderator_id, reason="")
        publish(ReviewApproved(review_id=review.id, product_id=review.product_id))
        change_rating(review.product_id, stars=review.stars, reviews=1)
    return review


def reject(*, review_id: UUID, moderator_id: UUID, reason: str = "", versions: frozenset[int] | None = None) -> Review:
    """Show it no more, or never; repeating is safe. Refuses what approving refuses."""
    with atomic(Review):
        review = _lock(review_id, versions)
        if review.status == Status.REJECTED:
            return review
        leave_average(review)
        # Of nobody's stars nothing is written any more.
        kept = reason if review.author_id else ""
        decide(review, status=Status.REJECTED, moderated_at=clock.now(), moderator_id=moderator_id, reason=kept)
    return review


def approve_all(*, review_ids: Iterable[UUID], moderator_id: UUID) -> int:
    """Approve each in a transaction of its own, and say how many; one that is gone by now is passed over."""
    return _each(review_ids, partial(approve, moderator_id=moderator_id))


def reject_all(*, review_ids: Iterable[UUID], moderator_id: UUID) -> int:
    """Reject each in a transaction of its own, and say how many; one that is gone by now is passed over."""
    return _each(review_ids, partial(reject, moderator_id=moderator_id))


def _lock(review_id: UUID, versions: frozenset[int] | None) -> Review:
    review = lock_review(review_id)
    if versions is not None and review.version not in versions:
        raise PreconditionFailed(version=review.version)
    return review


def _each(review_ids: Iterable[UUID], act: Callable[..., Review]) -> int:
    done = 0
    for review_id in review_ids:
        with suppress(UnknownReview):
            act(review_id=review_id)
            done += 1
    return done
