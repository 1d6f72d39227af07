"""Staff's pages of catalog: what is sold, and the shelves it stands on. Writing is logic's."""

from modules.catalog.admin import categories, products

__all__ = ["categories", "products"]
