"""Roles, for whoever may hand out rights."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from ecommerce.kernel.rest.etags import expected_versions, strong_etag
from ecommerce.kernel.rest.pages import PAGING, page_answer, paginate
from ecommerce.kernel.rest.permissions import HasScope
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from ecommerce.kernel.rest.serializers import StrictSerializer
from modules.users import models
from modules.users.api.permissions import IsThemselves
from modules.users.api.serializers import roles as serializers
from modules.users.contracts import Scope
from modules.users.logic import roles


class Roles(APIView):
    permission_classes = [HasScope(Scope.ROLES_WRITE), IsThemselves]

    @extend_schema(parameters=PAGING_PARAMETERS, responses=page_of(serializers.Role))
    def get(self, request: Request) -> Response:
        """Every role, oldest first."""
        StrictSerializer.parse_query(request, besides=PAGING)
        page = paginate(request, roles.list_roles(), ordering=("id",))
        return page_answer(page, serializers.Role(page.rows, many=True).data)

    @extend_schema(request=serializers.RoleInput, responses={201: serializers.Role})
    def post(self, request: Request) -> Response:
        """A new role, of scopes that the caller holds (403 `scope_not_held` names those he lacks)."""
        body = serializers.RoleInput.parse(request)
        return _answer(roles.make_role(actor_id=caller_id(request), **body), status=201)


class Role(APIView):
    permission_classes = [HasScope(Scope.ROLES_WRITE), IsThemselves]
    problems = (409, 412)

    @extend_schema(responses=serializers.Role)
    def get(self, request: Request, role_id: UUID) -> Response:
        """One role."""
        return _answer(roles.get_role(role_id=role_id))

    @extend_schema(request=serializers.RoleChange, responses=serializers.Role)
    def patch(self, request: Request, role_id: UUID) -> Response:
        """Change what is given; its holders' tokens follow at their next refresh, in ten minutes at most."""
        body, versions = serializers.RoleChange.parse(request), expected_versions(request)
        return _answer(roles.change_role(actor_id=caller_id(request), role_id=role_id, versions=versions, **body))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, role_id: UUID) -> Response:
        """Delete a role that nobody has (409 `role_in_use`)."""
        roles.delete_role(actor_id=caller_id(request), role_id=role_id, versions=expected_versions(request))
        return Response(status=204)


def _answer(role: models.Role, status: int = 200) -> Response:
    return Response(serializers.Role(role).data, status=status, headers={"ETag": strong_etag(role.version)})
