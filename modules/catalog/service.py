"""What other modules may ask of catalog."""

from ecommerce.kernel.remote import guard, is_remote

if is_remote("catalog"):
    from modules.catalog.remote import (
        allow_reviews,
        commit_hold,
        find_allocations,
        find_variants,
        hold_stock,
        list_holds,
        release_hold,
        return_stock,
    )
else:
    from modules.catalog.logic.allocations import find_allocations
    from modules.catalog.logic.holds import commit_hold, hold_stock, list_holds, release_hold
    from modules.catalog.logic.reviewers import allow_reviews
    from modules.catalog.logic.stock import return_stock
    from modules.catalog.logic.variants import find_variants

__all__ = [
    "allow_reviews",
    "commit_hold",
    "find_allocations",
    "find_variants",
    "hold_stock",
    "list_holds",
    "release_hold",
    "return_stock",
]
guard(globals())
