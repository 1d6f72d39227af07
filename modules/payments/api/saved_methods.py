"""The methods that a signed-in buyer keeps with a provider."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from ecommerce.kernel.rest.permissions import IsSignedIn
from modules.payments.api import serializers
from modules.payments.logic import saved_methods


class SavedMethods(APIView):
    """The caller's saved methods, and the beginning of one more."""

    permission_classes = [IsSignedIn]
    operation_ids = {"get": "payments_saved_methods", "post": "payments_saved_methods_begin"}

    @extend_schema(responses=serializers.SavedMethods)
    def get(self, request: Request) -> Response:
        found = saved_methods.list_saved(user_id=caller_id(request))
        return Response({"results": [{"provider": provider} | asdict(method) for provider, method in found]})

    @extend_schema(request=serializers.SavingInput, responses={201: serializers.Saving})
    def post(self, request: Request) -> Response:
        provider = serializers.SavingInput.parse(request)["provider"]
        secret = saved_methods.begin_saving(user_id=caller_id(request), provider=provider)
        return Response({"provider": provider, "client_secret": secret}, status=201)


class SavedMethod(APIView):
    """One of them."""

    permission_classes = [IsSignedIn]
    operation_ids = {"delete": "payments_saved_methods_forget"}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, provider: str, method_id: str) -> Response:
        saved_methods.forget_saved(user_id=caller_id(request), provider=provider, method_id=method_id)
        return Response(status=204)
