"""Staff's pages of orders: orders, and what shipping and taxes cost. Writing is logic's."""

from modules.orders.admin import documents, orders, shipping, taxes

__all__ = ["documents", "orders", "shipping", "taxes"]
