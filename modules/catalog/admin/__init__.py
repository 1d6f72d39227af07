"""Staff's pages of catalog: what is sold, the shelves it stands on, and what buyers say of it. Writing is logic's."""

from modules.catalog.admin import categories, products, reviews

__all__ = ["categories", "products", "reviews"]
