"""Opening an account, and one's own profile."""

from django.utils.translation import get_language_from_request
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from ecommerce.kernel.rest.permissions import IsSignedIn
from modules.users.api.caller import network
from modules.users.api.permissions import IsThemselves
from modules.users.api.serializers import accounts as serializers
from modules.users.api.serializers.passwords import PasswordInput
from modules.users.logic import accounts, erasure


class Registration(APIView):
    throttle_scope = "register"
    operation_ids = {"post": "users_register"}

    @extend_schema(request=serializers.RegistrationInput, responses={201: serializers.User})
    def post(self, request: Request) -> Response:
        """Open an account."""
        body = serializers.RegistrationInput.parse(request)
        user = accounts.register(**body, language=get_language_from_request(request))
        return Response(serializers.User(user).data, status=201)


class Me(APIView):
    problems = (409,)
    delete_has_body = True

    def get_permissions(self) -> list[BasePermission]:
        """Staff who act as a customer may look and help, and erase nobody."""
        return [IsThemselves()] if self.request.method == "DELETE" else [IsSignedIn()]

    @extend_schema(responses={200: serializers.User})
    def get(self, request: Request) -> Response:
        """The caller."""
        user = accounts.get_profile(user_id=caller_id(request))
        return Response(serializers.User(user).data)

    @extend_schema(request=serializers.ProfileInput, responses={200: serializers.User})
    def patch(self, request: Request) -> Response:
        """Change what is given."""
        body = serializers.ProfileInput.parse(request)
        user = accounts.change_profile(user_id=caller_id(request), **body)
        return Response(serializers.User(user).data)

    @extend_schema(request=PasswordInput, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Erase the account: every token ends, and every module anonymises what it holds of its owner."""
        body = PasswordInput.parse(request)
        erasure.erase(user_id=caller_id(request), **body, network=network(request))
        return Response(status=204)
