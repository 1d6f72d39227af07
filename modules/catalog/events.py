"""What catalog announces."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class CategoryChanged:
    """A category was made, changed, moved or removed."""

    category_id: UUID


@dataclass(frozen=True, kw_only=True)
class AssortmentChanged:
    """Something that shoppers see has changed: once per transaction, whatever it was."""

    change_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProductChanged:
    """What shoppers see of a product is not what it was: written in the transaction that changed, published, archived
    or deleted it. Not written for what no shopper could see before, nor can now."""

    product_id: UUID


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
