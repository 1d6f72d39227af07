"""Everybody who has an account, for staff: finding them, their roles, acting as them."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from ecommerce.kernel.rest.pages import PAGING, page_answer, paginate
from ecommerce.kernel.rest.permissions import HasScope
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from modules.users.api.permissions import IsThemselves
from modules.users.api.serializers import people as serializers
from modules.users.api.serializers.api_keys import AccessToken
from modules.users.api.serializers.roles import RoleList, RolesOfPerson
from modules.users.contracts import Scope
from modules.users.logic import impersonation, people, staff


class People(APIView):
    permission_classes = [HasScope(Scope.USERS_READ)]

    @extend_schema(parameters=[serializers.PersonFilter, *PAGING_PARAMETERS], responses=page_of(serializers.Person))
    def get(self, request: Request) -> Response:
        """Every account, newest first; by the beginning of its address where `email` is given."""
        asked = serializers.PersonFilter.parse_query(request, besides=PAGING)
        page = paginate(request, people.list_people(**asked), ordering=("-id",))
        return page_answer(page, serializers.Person(page.rows, many=True).data)


class Person(APIView):
    permission_classes = [HasScope(Scope.USERS_READ)]
    operation_ids = {"get": "users_retrieve"}

    @extend_schema(responses=serializers.Person)
    def get(self, request: Request, user_id: UUID) -> Response:
        """One account."""
        return Response(serializers.Person(people.get_person(user_id=user_id)).data)


class PersonRoles(APIView):
    permission_classes = [HasScope(Scope.ROLES_WRITE), IsThemselves]
    operation_ids = {"put": "users_assign_roles"}
    problems = (409,)

    @extend_schema(request=RolesOfPerson, responses=RoleList)
    def put(self, request: Request, user_id: UUID) -> Response:
        """Let a user have exactly these roles, and be staff if they are any; shows at his next refresh.

        Nobody gives or takes what reaches further than his own rights (403 `scope_not_held` names what he lacks).
        """
        body = RolesOfPerson.parse(request)
        roles = staff.assign_roles(actor_id=caller_id(request), user_id=user_id, **body)
        return Response(RoleList({"results": roles}).data)


class Impersonation(APIView):
    permission_classes = [HasScope(Scope.USERS_IMPERSONATE), IsThemselves]
    operation_ids = {"post": "users_impersonate"}

    @extend_schema(request=serializers.ImpersonationInput, responses={200: AccessToken})
    def post(self, request: Request, user_id: UUID) -> Response:
        """An access token of a customer, for ten minutes and on record; never of staff or of a locked account."""
        body = serializers.ImpersonationInput.parse(request)
        token = impersonation.impersonate(actor_id=caller_id(request), user_id=user_id, **body)
        return Response(AccessToken(token).data)
