"""Signing in with an account elsewhere, and linking one to the account here."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id, caller_of
from ecommerce.kernel.rest.pages import PAGING, Page, page_answer, paginate
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from ecommerce.kernel.rest.serializers import StrictSerializer
from modules.users.api.caller import network, user_agent
from modules.users.api.permissions import IsThemselves
from modules.users.api.serializers import identities as serializers
from modules.users.api.serializers import sessions as session_serializers
from modules.users.logic import identities
from modules.users.logic.openid import flows, providers


class Providers(APIView):
    operation_ids = {"get": "users_oidc_providers"}

    @extend_schema(responses={200: page_of(serializers.Provider)})
    def get(self, request: Request) -> Response:
        """Where one may have an account to sign in with."""
        whole = Page(rows=providers.configured(), next=None, previous=None)
        return page_answer(whole, serializers.Provider(whole.rows, many=True).data)


class Start(APIView):
    throttle_scope = "login"
    operation_ids = {"post": "users_oidc_start"}

    @extend_schema(request=serializers.StartInput, responses={200: serializers.Started})
    def post(self, request: Request, provider: str) -> Response:
        """Where to send the browser; it comes back to `redirect_uri` with `code` and `state`, within ten minutes."""
        body = serializers.StartInput.parse(request)
        started = flows.start(provider=provider, **body)
        return Response(serializers.Started(started).data)


class Finish(APIView):
    throttle_scope = "login"
    operation_ids = {"post": "users_oidc_finish"}
    problems = (409,)

    @extend_schema(request=serializers.FinishInput, responses={200: session_serializers.TokenPair})
    def post(self, request: Request, provider: str) -> Response:
        """Sign in with what came back; a stranger gets an account. Each start is finished at most once."""
        body = serializers.FinishInput.parse(request)
        pair = identities.sign_in(provider=provider, network=network(request), user_agent=user_agent(request), **body)
        return Response(session_serializers.TokenPair(pair).data)


class Identities(APIView):
    permission_classes = [IsThemselves]
    operation_ids = {"post": "users_me_identities_link"}
    problems = (404, 409)

    @extend_schema(parameters=PAGING_PARAMETERS, responses={200: page_of(serializers.Identity)})
    def get(self, request: Request) -> Response:
        """The caller's identities, oldest first."""
        StrictSerializer.parse_query(request, besides=PAGING)
        page = paginate(request, identities.list_identities(user_id=caller_id(request)), ordering=("id",))
        return page_answer(page, serializers.Identity(page.rows, many=True).data)

    @extend_schema(request=serializers.LinkInput, responses={200: serializers.Identity})
    def post(self, request: Request) -> Response:
        """Sign in to this account with that identity, too; linking it again changes nothing."""
        body = serializers.LinkInput.parse(request)
        linked = identities.link(user_id=caller_id(request), session_id=caller_of(request).session_id, **body)
        return Response(serializers.Identity(linked).data)


class Identity(APIView):
    permission_classes = [IsThemselves]
    operation_ids = {"delete": "users_me_identities_unlink"}
    problems = (409,)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, identity_id: UUID) -> Response:
        """Sign in with that identity no more; 409 for the last way in."""
        session_id = caller_of(request).session_id
        identities.unlink(user_id=caller_id(request), session_id=session_id, identity_id=identity_id)
        return Response(status=204)
