"""Unsubscribing by the link in a mail: by a mail program (RFC 8058), or by somebody who opens it."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.renderers import JSONRenderer
from modules.notifications.api import serializers
from modules.notifications.logic import layout, unsubscribing, wording
from modules.notifications.models import Message

PAGE = "text/html"


class PageRenderer(JSONRenderer):
    """So that a browser is not refused (406). Pages are answered as they are: what is rendered is problems."""

    media_type = PAGE
    format = "html"


class Unsubscribe(APIView):
    """Whoever has the mail may do it: nobody is asked to sign in. The body is not looked at."""

    authentication_classes: list[type] = []
    renderer_classes = [JSONRenderer, PageRenderer]
    operation_ids = {"get": "notifications_unsubscribe_page", "post": "notifications_unsubscribe"}
    problems = (404,)

    @extend_schema(responses={(200, PAGE): OpenApiTypes.STR})
    def get(self, request: Request, token: str) -> HttpResponse:
        """A page that asks; mail scanners open links, so opening it changes nothing."""
        return _page(unsubscribing.find(token), done=False)

    @extend_schema(
        request={"application/x-www-form-urlencoded": OpenApiTypes.OBJECT, "application/json": OpenApiTypes.OBJECT},
        responses=serializers.Unsubscribed,
    )
    def post(self, request: Request, token: str) -> HttpResponse:
        message = unsubscribing.unsubscribe(token)
        if getattr(request.accepted_renderer, "media_type", "") == PAGE:
            return _page(message, done=True)
        return Response(serializers.Unsubscribed(message).data)


def _page(message: Message, *, done: bool) -> HttpResponse:
    language = wording.spoken(message.language)
    words = wording.in_file("unsubscribe", language)
    context = {"language": language, "words": words[message.topic], "button": words["button"], "done": done}
    return HttpResponse(layout.page(["unsubscribe/page.html"], context))
