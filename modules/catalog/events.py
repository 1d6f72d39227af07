"""The facts that catalog announces."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ReviewSubmitted:
    """A buyer has written or changed a review; it waits for staff."""

    review_id: UUID
    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReviewApproved:
    """A review is shown from now on, and counts in its product's average."""

    review_id: UUID
    product_id: UUID
