"""Finding orders: a customer's own, one by its id or token, all of them for staff."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ecommerce.kernel.errors import Forbidden
from ecommerce.kernel.identity import Principal
from modules.orders.contracts import OrderNotFound
from modules.orders.logic import tokens
from modules.orders.logic.search import ids_found, matching, narrowed_by
from modules.orders.models import Order
from modules.users.contracts import Scope


def find_visible(*, order_id: UUID, caller: Principal, token: str | None) -> Order:
    """The order for its owner, for staff, and for whoever holds its token; for anyone else it does not exist."""
    order = Order.objects.exclude(status__in=Order.INTERNAL).filter(pk=order_id).first()
    if order is None or not _may_see(order, caller, token):
        raise OrderNotFound
    return order


def find_own(*, order_id: UUID, caller: Principal, token: str | None) -> Order:
    """The order for whoever may change it: its owner, its token's holder, staff who may do more than read."""
    order = find_visible(order_id=order_id, caller=caller, token=token)
    if not (_is_owners(order, caller, token) or caller.may(Scope.ORDERS_WRITE)):
        raise Forbidden
    return order


def require_placed(order_id: UUID) -> None:
    """For staff, who see every order: refuse an id that is no placed one (OrderNotFound)."""
    if not Order.objects.exclude(status__in=Order.INTERNAL).filter(pk=order_id).exists():
        raise OrderNotFound


def orders_of(caller: Principal, *, search: str | None, **asked: Any) -> QuerySet[Order]:
    """The caller's orders, or for staff every order, narrowed by the filters that are given."""
    orders = Order.objects.filter(narrowed_by(asked))
    if not may_search_all(caller):
        orders = orders.filter(customer_id=caller.id)
    return whole(orders.filter(matching(search)) if search else orders)


def found_by(search: str, *, beyond: UUID | None, backwards: bool, limit: int, **asked: Any) -> list[Order]:
    """For staff: the first so many of every order that is found, in the order of their ids, newest first or backwards
    from the one beyond which they lie."""
    ids = ids_found(search, asked, beyond=beyond, backwards=backwards, limit=limit)
    return list(whole(Order.objects.filter(pk__in=ids)).order_by("id" if backwards else "-id"))


def may_search_all(caller: Principal) -> bool:
    """Whether every order is the caller's to list."""
    return caller.may(Scope.ORDERS_READ)


def whole(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With what an answer shows of each, in as many statements however many there are; without what none shows."""
    shown = orders.defer("fingerprint", "refusal", "search_name")
    return shown.prefetch_related("lines", "timeline", "shipments__items")


def _may_see(order: Order, caller: Principal, token: str | None) -> bool:
    return _is_owners(order, caller, token) or caller.may(Scope.ORDERS_READ) or caller.may(Scope.ORDERS_WRITE)


def _is_owners(order: Order, caller: Principal, token: str | None) -> bool:
    if caller.is_authenticated and order.customer_id == caller.id:
        return True
    return token is not None and tokens.opens(order, token)
