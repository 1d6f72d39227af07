"""Who may see an order, and who may change it."""

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_of
from ecommerce.kernel.rest.idempotency import shown_token
from ecommerce.kernel.rest.permissions import IsVisible, ScopePermission
from modules.orders.logic import history
from modules.orders.models import Order
from modules.users.contracts import Scope


def actor_of(request: Request) -> str:
    """Who does something, in a timeline's words."""
    caller = caller_of(request)
    return f"user:{caller.id}" if caller.is_authenticated else "guest"


def is_staff(request: Request) -> bool:
    """Whether the caller acts for the shop: he may change orders that are not his."""
    return caller_of(request).may(Scope.ORDERS_WRITE)


def HandlesOrders(scope: str) -> type[BasePermission]:  # noqa: N802  (stands where classes stand)
    """Staff with a scope, on an order that is placed (else 404)."""
    return type("HandlesOrders", (_HandlesOrders,), {"scope": scope})


class _HandlesOrders(ScopePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        history.require_placed(view.kwargs["order_id"])
        return True


class MaySeeOrder(IsVisible):
    """Its owner, staff, and whoever holds its token; for anyone else there is no such order (404)."""

    find: ClassVar[Callable[..., Order]] = staticmethod(history.find_visible)

    def has_permission(self, request: Request, view: APIView) -> bool:
        order_id: UUID = view.kwargs["order_id"]
        # The views of one order declare it.
        view.order = self.find(  # type: ignore[attr-defined]  # what the view then answers from
            order_id=order_id, caller=caller_of(request), token=shown_token(request)
        )
        return True


class MayChangeOrder(MaySeeOrder):
    """The same, but for staff who may only read (403)."""

    find = staticmethod(history.find_own)
