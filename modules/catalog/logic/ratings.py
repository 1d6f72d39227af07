"""How many stars a product has: added up as reviews come and go, so that no reader adds."""

from uuid import UUID

import msgspec

from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.editions import begin_change


class Rating(msgspec.Struct, frozen=True):
    """The average of the approved reviews, to two decimals, and their number."""

    average: float
    count: int


def rating_of(total: int, count: int) -> Rating | None:
    """What that many stars in that many reviews come to; None where nobody has rated."""
    return Rating(round(total / count, 2), count) if count else None


def lock_rating(product_id: UUID) -> None:
    """Lock the product, and with it who changes its reviews, until the transaction ends; before any review of it."""
    fetch("SELECT FROM catalog_product WHERE id = %s FOR NO KEY UPDATE", [product_id])


def change_rating(product_id: UUID, *, stars: int, reviews: int) -> None:
    """Add stars and reviews to a locked product, or take them away; its listing follows, the last to be locked."""
    execute(_CHANGE, {"product_id": product_id, "stars": stars, "reviews": reviews})
    execute(_LIST, [product_id])
    begin_change()


_CHANGE = """
    UPDATE catalog_product
    SET rating_sum = rating_sum + %(stars)s, rating_count = rating_count + %(reviews)s
    WHERE id = %(product_id)s
"""
# As listings.refresh_listings derives it, and nothing else of the listing.
_LIST = """
    UPDATE catalog_listing listing
    SET rating = coalesce(round(product.rating_sum::numeric / nullif(product.rating_count, 0), 2), 0)
    FROM catalog_product product
    WHERE product.id = %s AND listing.product_id = product.id
"""
