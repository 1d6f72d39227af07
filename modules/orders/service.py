"""What other modules may ask of orders."""

from ecommerce.kernel.remote import guard, is_remote

if is_remote("orders"):
    from modules.orders.remote import find_orders, get_orders, list_orders
else:
    from modules.orders.logic.records import find_orders, get_orders, list_orders

__all__ = ["find_orders", "get_orders", "list_orders"]
guard(globals())
