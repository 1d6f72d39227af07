"""Finding orders: a customer's own, one by its id or token, all of them for staff."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from ecommerce.kernel.errors import Forbidden
from ecommerce.kernel.identity import Principal
from modules.orders.contracts import OrderNotFound
from modules.orders.logic import tokens
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


def orders_of(
    caller: Principal,
    *,
    status: str | None,
    placed_after: datetime | None,
    placed_before: datetime | None,
    search: str | None,
) -> QuerySet[Order]:
    """The caller's orders, or for staff every order, narrowed by what is given."""
    orders = Order.objects.exclude(status__in=Order.INTERNAL)
    if not caller.may(Scope.ORDERS_READ):
        orders = orders.filter(customer_id=caller.id)
    if search:
        orders = orders.filter(Q(number=search) | Q(email__iexact=search) | Q(lines__sku=search)).distinct()
    if status:
        orders = orders.filter(status=status)
    if placed_after:
        orders = orders.filter(placed_at__gte=placed_after)
    if placed_before:
        orders = orders.filter(placed_at__lt=placed_before)
    return orders.prefetch_related("lines", "timeline", "shipments__items")


def _may_see(order: Order, caller: Principal, token: str | None) -> bool:
    return _is_owners(order, caller, token) or caller.may(Scope.ORDERS_READ) or caller.may(Scope.ORDERS_WRITE)


def _is_owners(order: Order, caller: Principal, token: str | None) -> bool:
    if caller.is_authenticated and order.customer_id == caller.id:
        return True
    return token is not None and tokens.opens(order, token)
