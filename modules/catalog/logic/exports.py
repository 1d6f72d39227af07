"""What catalog gives to a user's export of everything that is held on him."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from ecommerce.kernel import parcels
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.catalog.models import Review, ReviewPermit, StockMovement
from modules.users import service as users_service
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested

CHUNK = 1000


def promise_contribution(event: ExportRequested) -> None:
    """Somebody wants to see everything: what catalog holds is gathered by a step."""
    add_steps(event.export_id, [NewStep(contribute, {"user_id": event.user_id})])


@step
def contribute(run: Run, *, user_id: UUID) -> None:
    """Give users what somebody wrote as a buyer, and what stock he moved and what he decided of reviews as a member of
    staff; an export that is gone by now wants nothing."""
    give = partial(users_service.contribute_to_export, export_id=run.aggregate_id, module="catalog")
    with suppress(ExportNotFound):
        parcels.hand_over(
            {
                "stock_movements": _movements(user_id),
                "reviews": _reviews(user_id),
                "review_permits": _permits(user_id),
                "review_decisions": _decisions(user_id),
            },
            give,
        )


def _movements(user_id: UUID) -> Iterator[dict[str, Any]]:
    """Oldest first; a customer has moved none."""
    movements = StockMovement.objects.filter(actor_id=user_id).order_by("id").select_related("level__variant")
    return (_movement(movement) for movement in movements.iterator(chunk_size=CHUNK))


def _movement(movement: StockMovement) -> dict[str, Any]:
    return {
        "id": movement.pk,
        "sku": movement.level.variant.sku,
        "kind": movement.kind,
        "delta": movement.delta,
        "reason": movement.reason,
        "created_at": movement.created_at,
    }


def _reviews(user_id: UUID) -> Iterator[dict[str, Any]]:
    """What he wrote, with what became of it."""
    names = ("id", "stars", "title", "body", "author_name", "language", "status", "reason", "created_at")
    written = Review.objects.filter(author_id=user_id).order_by("id").select_related("product")
    for review in written.iterator(chunk_size=CHUNK):
        yield {"product": review.product.slug} | {name: getattr(review, name) for name in names}


def _permits(user_id: UUID) -> Iterator[dict[str, Any]]:
    """What he may review, since he bought it."""
    permits = ReviewPermit.objects.filter(customer_id=user_id).order_by("id").select_related("product")
    for permit in permits.iterator(chunk_size=CHUNK):
        yield {"product": permit.product.slug, "created_at": permit.created_at}


def _decisions(user_id: UUID) -> Iterator[dict[str, Any]]:
    """What he said of others' reviews; a customer has decided nothing."""
    names = ("id", "status", "reason", "moderated_at")
    for review in Review.objects.filter(moderator_id=user_id).order_by("id").iterator(chunk_size=CHUNK):
        yield {name: getattr(review, name) for name in names}
