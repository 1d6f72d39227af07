"""The caller's second factor."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from modules.users.api.caller import current_session, network
from modules.users.api.permissions import IsThemselves
from modules.users.api.serializers import second_factor as serializers
from modules.users.api.serializers.passwords import PasswordInput
from modules.users.logic import enrolment


class SecondFactor(APIView):
    permission_classes = [IsThemselves]
    operation_ids = {
        "get": "users_second_factor",
        "post": "users_second_factor_start",
        "delete": "users_second_factor_switch_off",
    }
    problems = (409,)
    delete_has_body = True

    @extend_schema(responses={200: serializers.SecondFactor})
    def get(self, request: Request) -> Response:
        """Whether signing in takes a second factor."""
        state = enrolment.get_state(user_id=caller_id(request))
        return Response(serializers.SecondFactor(state).data)

    @extend_schema(request=PasswordInput, responses={201: serializers.SecondFactorOffer})
    def post(self, request: Request) -> Response:
        """A secret for an authenticator app, in force once it is confirmed; 409 where one is in force."""
        body = PasswordInput.parse(request)
        offer = enrolment.start(user_id=caller_id(request), network=network(request), **body)
        return Response(serializers.SecondFactorOffer(offer).data, status=201)

    @extend_schema(request=serializers.PasswordAndCodeInput, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Switch it off, with the password and a code; every other session ends."""
        body = serializers.PasswordAndCodeInput.parse(request)
        enrolment.switch_off(
            user_id=caller_id(request), session_id=current_session(request), network=network(request), **body
        )
        return Response(status=204)


class SecondFactorConfirmation(APIView):
    permission_classes = [IsThemselves]
    operation_ids = {"post": "users_second_factor_confirm"}
    problems = (409,)

    @extend_schema(request=serializers.CodeInput, responses={200: serializers.RecoveryCodes})
    def post(self, request: Request) -> Response:
        """Switch it on with a first code of the app; every other session ends. Recovery codes are shown this once."""
        body = serializers.CodeInput.parse(request)
        codes = enrolment.confirm(user_id=caller_id(request), session_id=current_session(request), **body)
        return Response(serializers.RecoveryCodes({"recovery_codes": codes}).data)


class RecoveryCodes(APIView):
    permission_classes = [IsThemselves]
    operation_ids = {"post": "users_recovery_codes_renew"}
    problems = (409,)

    @extend_schema(request=serializers.PasswordAndCodeInput, responses={200: serializers.RecoveryCodes})
    def post(self, request: Request) -> Response:
        """Ten new recovery codes, shown this once; the old ones serve no more."""
        body = serializers.PasswordAndCodeInput.parse(request)
        codes = enrolment.renew_recovery_codes(user_id=caller_id(request), network=network(request), **body)
        return Response(serializers.RecoveryCodes({"recovery_codes": codes}).data)
