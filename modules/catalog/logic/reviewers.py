"""Who may review what: whoever bought it, for as long as he has an account."""

from uuid import UUID

from django.db.models import F, Q

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.catalog.models import Review, Reviewer, ReviewPermit, Variant


def allow_reviews(*, customer_id: UUID, variant_ids: list[UUID]) -> None:
    """Let a customer review the products of these variants; unknown variants and erased customers are passed over.
    Repeating is safe."""
    with atomic(ReviewPermit):
        Reviewer.objects.bulk_create([Reviewer(id=customer_id)], ignore_conflicts=True)
        if lock_reviewer(customer_id):
            _permit(customer_id, variant_ids)


def lock_reviewer(customer_id: UUID) -> bool:
    """Whether this is a buyer who, while the transaction lasts, is not erased."""
    # As it is under the lock, which may have waited for an erasure.
    found = Reviewer.objects.select_for_update().filter(id=customer_id)
    return list(found.values_list("erased_at", flat=True)) == [None]


def is_buyer(customer_id: UUID, product_id: UUID) -> bool:
    """Whether this customer bought that product."""
    return ReviewPermit.objects.filter(customer_id=customer_id, product_id=product_id).exists()


def forget_reviewer(user_id: UUID) -> None:
    """In the open transaction: what an erased user bought is forgotten, and what comes late is not noted any more.

    His shown stars stay, as nobody's and without a word, so that the average does; what is not shown goes. What he
    wrote of others' reviews as a member of staff is blanked. Repeating is safe.
    """
    _mark_erased(user_id)
    ReviewPermit.objects.filter(customer_id=user_id).delete()
    # Locked first, each as it then is: one that is approved in this moment is counted, and so it stays.
    concerned = Review.objects.select_for_update().filter(Q(author_id=user_id) | Q(moderator_id=user_id))
    list(concerned.order_by("id").values_list("id", flat=True))
    written = Review.objects.filter(author_id=user_id)
    written.exclude(status=Review.Status.APPROVED).delete()
    written.update(author_id=None, author_name="", title="", body="", version=F("version") + 1)
    Review.objects.filter(moderator_id=user_id).exclude(reason="").update(reason="")


def _permit(customer_id: UUID, variant_ids: list[UUID]) -> None:
    bought = Variant.objects.filter(id__in=variant_ids).order_by("product_id").values_list("product_id", flat=True)
    now = clock.now()
    permits = [ReviewPermit(customer_id=customer_id, product_id=one, created_at=now) for one in bought.distinct()]
    ReviewPermit.objects.bulk_create(permits, ignore_conflicts=True)


def _mark_erased(user_id: UUID) -> None:
    erased = Reviewer(id=user_id, erased_at=clock.now())
    Reviewer.objects.bulk_create([erased], update_conflicts=True, unique_fields=["id"], update_fields=["erased_at"])
