"""What payments, catalog and cart know an order's doings by."""

from uuid import UUID, uuid5

# The module's name, under which its steps are kept.
ORDERS = "orders"
# The payment of the order itself; an edit's difference has a purpose of its own.
ORDER = "order"
_EDIT = "edit:"


def reference(order_id: UUID, doing: str) -> UUID:
    """The id of one doing of an order ("cancel", "late payment"): the same each time, so that repeating is harmless."""
    return uuid5(order_id, doing)


def purpose_of_edit(edit_id: UUID) -> str:
    """What the payment of an edit's difference is for."""
    return f"{_EDIT}{edit_id}"


def edit_of_purpose(purpose: str) -> UUID | None:
    """The edit whose difference a payment is for; None for the order's own."""
    return UUID(purpose.removeprefix(_EDIT)) if purpose.startswith(_EDIT) else None
