"""Who may call a view. An anonymous caller who may not is told 401, a known one 403."""

from typing import TYPE_CHECKING, ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ecommerce.kernel.rest.authentication import caller_of

if TYPE_CHECKING:  # DRF's views import what its settings name, which may be what imports this
    from rest_framework.views import APIView


class IsSignedIn(BasePermission):
    """Anyone with an access token."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return caller_of(request).is_authenticated


class IsVisible(BasePermission):
    """Anyone may ask; a subclass raises NotFound for a caller to whom the thing does not exist."""


class IsStaff(BasePermission):
    """Staff, whatever their scopes."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return caller_of(request).is_staff


class ScopePermission(BasePermission):
    """Staff with this class's scope."""

    scope: ClassVar[str]

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return caller_of(request).may(self.scope)


def HasScope(scope: str) -> type[BasePermission]:  # noqa: N802  (stands where classes stand)
    """Staff with a scope: `permission_classes = [HasScope("catalog.write")]`."""
    return type("HasScope", (ScopePermission,), {"scope": scope})
