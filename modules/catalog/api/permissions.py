"""Who may call catalog's views."""

from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission
from rest_framework.views import APIView

from ecommerce.kernel.rest.permissions import HasScope
from modules.users.contracts import Scope

MayWrite = HasScope(Scope.CATALOG_WRITE)


class WrittenByStaff(APIView):
    """Everyone reads, staff write."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method in SAFE_METHODS else [MayWrite()]
