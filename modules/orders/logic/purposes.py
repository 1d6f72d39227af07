"""What payments, catalog and cart know an order's doings by."""

from uuid import UUID, uuid5

# The module's name, under which its steps are kept.
ORDERS = "orders"
# The payment of the order itself; later ones (an edit's difference) have purposes of their own.
ORDER = "order"


def reference(order_id: UUID, doing: str) -> UUID:
    """The id of one doing of an order ("cancel", "late payment"): the same each time, so that repeating is harmless."""
    return uuid5(order_id, doing)
