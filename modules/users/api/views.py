"""Users' endpoints: parse, one call, answer."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import get_language_from_request
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.etags import cached_answer
from ecommerce.kernel.rest.permissions import IsSignedIn
from ecommerce.kernel.rest.throttles import CallerThrottle, network
from modules.users.api import serializers
from modules.users.logic import accounts, sessions, signing_keys

# A key is announced longer than that before it signs.
JWKS_CACHE_CONTROL = "public, max-age=60"


class Registration(APIView):
    throttle_scope = "register"
    operation_ids = {"post": "users_register"}

    @extend_schema(request=serializers.RegistrationInput, responses={201: serializers.User})
    def post(self, request: Request) -> Response:
        """Open an account."""
        body = serializers.RegistrationInput.parse(request)
        user = accounts.register(**body, language=get_language_from_request(request))
        return Response(serializers.User(user).data, status=201)


class Token(APIView):
    throttle_scope = "login"
    operation_ids = {"post": "users_token"}

    @extend_schema(request=serializers.CredentialsInput, responses={200: serializers.TokenPair})
    def post(self, request: Request) -> Response:
        """Sign in; five failures lock the account for this network, for 15 minutes (429)."""
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


class Me(APIView):
    permission_classes = [IsSignedIn]

    @extend_schema(responses={200: serializers.User})
    def get(self, request: Request) -> Response:
        """The caller."""
        user = accounts.get_profile(user_id=_caller(request))
        return Response(serializers.User(user).data)

    @extend_schema(request=serializers.ProfileInput, responses={200: serializers.User})
    def patch(self, request: Request) -> Response:
        """Change what is given."""
        body = serializers.ProfileInput.parse(request)
        user = accounts.change_profile(user_id=_caller(request), **body)
        return Response(serializers.User(user).data)


class SigningKeys(APIView):
    permission_classes = [AllowAny]
    cached = True
    operation_ids = {"get": "users_jwks"}

    @extend_schema(responses={200: serializers.JWKSet})
    def get(self, request: Request) -> HttpResponse:
        """The public keys that access tokens are signed with (RFC 7517)."""
        return cached_answer(request, signing_keys.public_keys(), cache_control=JWKS_CACHE_CONTROL)


class WellKnownKeys(SigningKeys):
    """The same at the address where programs look for it; the API's document names one."""

    schema = None


def _caller(request: Request) -> UUID:
    user_id: UUID = request.user.id  # type: ignore[assignment]  # IsSignedIn: our Principal has an id
    return user_id
