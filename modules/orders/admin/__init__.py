"""Staff's pages of orders: orders, and what shipping and taxes cost. Writing is logic's."""

from modules.orders.admin import orders, shipping, taxes

__all__ = ["orders", "shipping", "taxes"]
