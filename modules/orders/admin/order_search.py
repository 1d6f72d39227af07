"""How staff find orders: by one index at a time. An OR across tables has none, and reads the list whole."""

from uuid import UUID

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from modules.orders.models import Order, OrderLine

HELP = "A whole number, e-mail address, SKU or id of an order"
# Who wants an older one says more.
MOST_FOUND = 1000


def found(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """The orders that somebody means by a number, an address, a SKU or an id."""
    if "@" in text:
        return orders.alias(folded=Lower("email")).filter(folded=Lower(Value(text)))
    if (order_id := _as_id(text)) is not None:
        return orders.filter(pk=order_id)
    numbered = Order.objects.filter(number=text).values_list("id", flat=True)
    with_sku = OrderLine.objects.filter(sku=text).order_by("-order_id").values_list("order_id", flat=True)
    return orders.filter(pk__in=[*numbered, *with_sku[:MOST_FOUND]])


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
