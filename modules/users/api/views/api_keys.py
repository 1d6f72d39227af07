"""Machines' keys, and the tokens they are exchanged for."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from ecommerce.kernel.rest.pages import PAGING, page_answer, paginate
from ecommerce.kernel.rest.permissions import HasScope
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from ecommerce.kernel.rest.serializers import StrictSerializer
from modules.users.api.permissions import IsThemselves
from modules.users.api.serializers import api_keys as serializers
from modules.users.contracts import Scope
from modules.users.logic import api_keys


class ApiKeys(APIView):
    permission_classes = [HasScope(Scope.ROLES_WRITE), IsThemselves]

    @extend_schema(parameters=PAGING_PARAMETERS, responses=page_of(serializers.ApiKey))
    def get(self, request: Request) -> Response:
        """Every key, newest first; never a secret."""
        StrictSerializer.parse_query(request, besides=PAGING)
        page = paginate(request, api_keys.list_keys(), ordering=("-id",))
        return page_answer(page, serializers.ApiKey(page.rows, many=True).data)

    @extend_schema(request=serializers.ApiKeyInput, responses={201: serializers.NewApiKey})
    def post(self, request: Request) -> Response:
        """A new key, shown this once, with scopes that the caller holds (403 `scope_not_held`)."""
        body = serializers.ApiKeyInput.parse(request)
        made = api_keys.make_key(actor_id=caller_id(request), **body)
        return Response({**serializers.ApiKey(made.row).data, "key": made.key}, status=201)


class ApiKey(APIView):
    permission_classes = [HasScope(Scope.ROLES_WRITE), IsThemselves]

    @extend_schema(responses={204: None})
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Revoke a key for good; again changes nothing."""
        api_keys.revoke_key(actor_id=caller_id(request), key_id=key_id)
        return Response(status=204)


class ApiKeyToken(APIView):
    throttle_scope = "api_key"
    operation_ids = {"post": "users_api_keys_token"}

    @extend_schema(request=serializers.ApiKeyTokenInput, responses={200: serializers.AccessToken})
    def post(self, request: Request) -> Response:
        """An access token for a key; ask for the next one before it expires (401 `invalid_api_key`)."""
        body = serializers.ApiKeyTokenInput.parse(request)
        return Response(serializers.AccessToken(api_keys.exchange(**body)).data)
