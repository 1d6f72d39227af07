"""Staff's pages of orders: orders, and what shipping and taxes cost. Writing is logic's."""

from modules.orders.admin import orders

__all__ = ["orders"]
