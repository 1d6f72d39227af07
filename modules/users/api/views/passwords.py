"""New passwords, and proving an e-mail address."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from modules.users.api.caller import current_session, network
from modules.users.api.permissions import IsThemselves
from modules.users.api.serializers import accounts as account_serializers
from modules.users.api.serializers import passwords as serializers
from modules.users.contracts import LinkPurpose
from modules.users.logic import link_requests, password_changes, verification


class EmailVerification(APIView):
    throttle_scope = "login"
    operation_ids = {"post": "users_email_verify"}

    @extend_schema(request=serializers.VerificationInput, responses={200: account_serializers.User})
    def post(self, request: Request) -> Response:
        """Prove an address by the token of the mail that was sent to it; it serves once, for 3 days."""
        user = verification.verify_email(**serializers.VerificationInput.parse(request))
        return Response(account_serializers.User(user).data)


class EmailVerificationResend(APIView):
    throttle_scope = "mailed_link"
    operation_ids = {"post": "users_email_verify_resend"}

    @extend_schema(request=serializers.MailedLinkInput, responses={202: None})
    def post(self, request: Request) -> Response:
        """Send the mail again; the same answer whether the address is known or not."""
        body = serializers.MailedLinkInput.parse(request)
        link_requests.request_link(email=body["email"], purpose=LinkPurpose.VERIFY_EMAIL)
        return Response(status=202)


class PasswordReset(APIView):
    throttle_scope = "mailed_link"
    operation_ids = {"post": "users_password_reset"}

    @extend_schema(request=serializers.MailedLinkInput, responses={202: None})
    def post(self, request: Request) -> Response:
        """Have a link mailed to choose a new password; the same answer whether the address is known or not."""
        body = serializers.MailedLinkInput.parse(request)
        link_requests.request_link(email=body["email"], purpose=LinkPurpose.RESET_PASSWORD)
        return Response(status=202)


class PasswordResetConfirmation(APIView):
    throttle_scope = "login"
    operation_ids = {"post": "users_password_reset_confirm"}

    @extend_schema(request=serializers.PasswordResetInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Choose a new password by the mailed token, which serves once, for an hour; every session ends."""
        body = serializers.PasswordResetInput.parse(request)
        password_changes.reset_password(**body, network=network(request))
        return Response(status=204)


class PasswordChange(APIView):
    permission_classes = [IsThemselves]
    operation_ids = {"post": "users_password_change"}
    problems = (409,)

    @extend_schema(request=serializers.PasswordChangeInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Choose a new password, knowing the present one; every other session ends."""
        body = serializers.PasswordChangeInput.parse(request)
        password_changes.change_password(
            user_id=caller_id(request), session_id=current_session(request), network=network(request), **body
        )
        return Response(status=204)
