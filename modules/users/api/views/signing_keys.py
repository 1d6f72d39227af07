"""The public keys."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel.rest.etags import cached_answer
from modules.users.api.serializers import signing_keys as serializers
from modules.users.logic import signing_keys

# A key is announced longer than that before it signs.
JWKS_CACHE_CONTROL = "public, max-age=60"


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
