"""Where Twilio tells what became of an SMS, and what was answered to one; both proven by its signature alone."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from modules.notifications.logic import stopped_numbers, tracking
from modules.notifications.logic.channels import sms, twilio_callbacks

FORM = {"application/x-www-form-urlencoded": OpenApiTypes.OBJECT}
TWIML = "text/xml"


class SmsTracking(APIView):
    """Twilio tells what became of an SMS."""

    authentication_classes: list[Any] = []
    throttle_classes: list[Any] = []
    operation_ids = {"post": "notifications_tracking_sms"}
    problems = (404,)

    @extend_schema(request=FORM, responses={200: None})
    def post(self, request: Request) -> Response:
        told, has_stopped = twilio_callbacks.read_status(request._request)
        if told is not None:
            tracking.record(sms.PROVIDER, [told])
            if has_stopped:
                stopped_numbers.stop(told.address)
        return Response(status=200)


class SmsAnswer(APIView):
    """Somebody has answered an SMS: STOP ends them, START begins them again. Nothing else is read, or answered."""

    authentication_classes: list[Any] = []
    throttle_classes: list[Any] = []
    operation_ids = {"post": "notifications_answered_sms"}
    problems = (404,)

    @extend_schema(request=FORM, responses={(200, TWIML): OpenApiTypes.STR})
    def post(self, request: Request) -> HttpResponse:
        answered = twilio_callbacks.read_answer(request._request)
        if answered.stops:
            stopped_numbers.stop(answered.number)
        elif answered.starts:
            stopped_numbers.start(answered.number)
        # Anything else in it Twilio would send as an SMS.
        return HttpResponse("<Response/>", content_type=TWIML)
