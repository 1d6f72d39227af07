"""How staff find orders in the admin: as over the API, and by an order's id."""

from uuid import UUID

from django.db.models import QuerySet

from modules.orders.logic.search import ids_found
from modules.orders.models import Order

HELP = "A whole number, e-mail address, SKU or id of an order, or how names in its addresses begin"
# The newest; who wants an older one says more.
MOST_FOUND = 1000


def found(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """The orders that somebody means by a number, an address, a SKU, names or an id."""
    if (order_id := _as_id(text)) is not None:
        return orders.filter(pk=order_id)
    return orders.filter(pk__in=ids_found(text, {}, beyond=None, backwards=False, limit=MOST_FOUND))


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
