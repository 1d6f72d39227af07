"""Signing in, going on with a fresh pair of tokens, signing out."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from ecommerce.kernel.rest.pages import PAGING, page_answer, paginate
from ecommerce.kernel.rest.permissions import IsSignedIn
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from ecommerce.kernel.rest.serializers import StrictSerializer
from modules.users.api.caller import current_session, network, user_agent
from modules.users.api.permissions import IsThemselves
from modules.users.api.serializers import sessions as serializers
from modules.users.logic import sessions


class Token(APIView):
    throttle_scope = "login"
    operation_ids = {"post": "users_token"}

    @extend_schema(request=serializers.CredentialsInput, responses={200: serializers.TokenPair})
    def post(self, request: Request) -> Response:
        """Sign in; five failures lock the account for this network, for 15 minutes (429).

        Where the account has a second factor, a right password without `code` answers 401 `second_factor_required`.
        """
        body = serializers.CredentialsInput.parse(request)
        pair = sessions.sign_in(**body, network=network(request), user_agent=user_agent(request))
        return Response(serializers.TokenPair(pair).data)


class TokenRefresh(APIView):
    operation_ids = {"post": "users_token_refresh"}

    @extend_schema(request=serializers.RefreshInput, responses={200: serializers.TokenPair})
    def post(self, request: Request) -> Response:
        """The next pair for a refresh token, which serves once; used again later, it ends the session."""
        body = serializers.RefreshInput.parse(request)
        pair = sessions.refresh(token=body["refresh"])
        return Response(serializers.TokenPair(pair).data)


class TokenRevocation(APIView):
    operation_ids = {"post": "users_token_revoke"}

    @extend_schema(request=serializers.RefreshInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Sign out: every token of this session ends."""
        body = serializers.RefreshInput.parse(request)
        sessions.revoke(token=body["refresh"])
        return Response(status=204)


class SessionList(APIView):
    permission_classes = [IsSignedIn]
    operation_ids = {"get": "users_sessions_list"}

    @extend_schema(parameters=[*PAGING_PARAMETERS], responses={200: page_of(serializers.Session)})
    def get(self, request: Request) -> Response:
        """Where the caller is signed in, newest first."""
        StrictSerializer.parse_query(request, besides=PAGING)
        page = paginate(request, sessions.sessions_of(caller_id(request)), ordering=("-created_at", "-id"))
        for session in page.rows:
            session.is_current = session.id == current_session(request)  # type: ignore[attr-defined]  # for the answer
        return page_answer(page, serializers.Session(page.rows, many=True).data)


class SessionEnd(APIView):
    permission_classes = [IsThemselves]
    operation_ids = {"delete": "users_sessions_delete"}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """Sign out there: none of the session's refresh tokens serves any more."""
        sessions.end_session(user_id=caller_id(request), session_id=session_id)
        return Response(status=204)
