"""Pages of orders: a customer's own, all of them for staff, and what staff search for."""

from uuid import UUID

from rest_framework.request import Request

from ecommerce.kernel.rest.authentication import caller_of
from ecommerce.kernel.rest.pages import InvalidCursor, Page, Position, cut, limit_of, paginate, position_of
from modules.orders.api.filters import OrderFilter
from modules.orders.logic import history
from modules.orders.logic.search import NEWEST_FIRST
from modules.orders.models import Order

LAST_PLACED_FIRST = ("-placed_at", "-id")


def orders_page(request: Request) -> Page[Order]:
    """The page that a request asks for, newest first; refuses a bad filter, limit or cursor (400)."""
    asked, caller = OrderFilter.of(request), caller_of(request)
    if not (asked["search"] and history.may_search_all(caller)):
        return paginate(request, history.orders_of(caller, **asked), ordering=LAST_PLACED_FIRST)
    limit, position = limit_of(request), position_of(request, NEWEST_FIRST)
    backwards = position is not None and position.backwards
    beyond = _id_of(position) if position else None
    found = history.found_by(beyond=beyond, backwards=backwards, limit=limit + 1, **asked)
    return cut(request, found, limit, position, NEWEST_FIRST)


def _id_of(position: Position) -> UUID:
    try:
        (order_id,) = position.values
        return UUID(order_id)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidCursor from error
