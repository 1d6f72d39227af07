"""Where mail providers tell what became of a mail."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from modules.notifications.logic import tracking
from modules.notifications.logic.channels import mail_tracking


class ProviderTracking(APIView):
    """A mail provider tells what became of mails; proven by its signature alone."""

    authentication_classes: list[Any] = []
    throttle_classes: list[Any] = []
    operation_ids = {"post": "notifications_tracking"}
    problems = (404,)

    @extend_schema(request={"application/json": OpenApiTypes.OBJECT}, responses={200: None})
    def post(self, request: Request, provider: str) -> Response:
        tracking.record(provider, mail_tracking.read(provider, request._request))
        return Response(status=200)
