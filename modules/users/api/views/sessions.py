"""Signing in, going on with a fresh pair of tokens, signing out."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.throttles import CallerThrottle, network
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
        pair = sessions.sign_in(**body, network=network(CallerThrottle().get_ident(request)))
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
