"""Staff's pages of catalog: what is sold, the shelves it stands on, what lies where, and what buyers say. Writing is
logic's."""

from modules.catalog.admin import attributes, categories, imports, products, reviews, stock

__all__ = ["attributes", "categories", "imports", "products", "reviews", "stock"]
