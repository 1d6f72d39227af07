"""What a customer may ask notifications."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from ecommerce.kernel.rest.pages import page_answer, paginate
from ecommerce.kernel.rest.permissions import IsSignedIn
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from modules.notifications.api import serializers
from modules.notifications.logic import preferences, records


class Messages(APIView):
    """What was sent to the caller, newest first."""

    permission_classes = [IsSignedIn]
    operation_ids = {"get": "notifications_list"}

    @extend_schema(parameters=PAGING_PARAMETERS, responses=page_of(serializers.MessageSerializer))
    def get(self, request: Request) -> Response:
        page = paginate(request, records.sent_to(caller_id(request)), ordering=records.NEWEST_FIRST)
        return page_answer(page, serializers.MessageSerializer(page.rows, many=True).data)


class Preferences(APIView):
    """What the caller wants to hear of."""

    permission_classes = [IsSignedIn]
    operation_ids = {"get": "notifications_preferences", "patch": "notifications_preferences_change"}
    problems = (409,)

    @extend_schema(responses=serializers.Preferences)
    def get(self, request: Request) -> Response:
        return _preferences_of(request)

    @extend_schema(request=serializers.PreferencesInput, responses=serializers.Preferences)
    def patch(self, request: Request) -> Response:
        wishes = serializers.PreferencesInput.parse(request)["preferences"]
        preferences.change(caller_id(request), [preferences.Wish(**wish) for wish in wishes])
        return _preferences_of(request)


def _preferences_of(request: Request) -> Response:
    found = preferences.preferences_of(caller_id(request))
    return Response({"results": serializers.Preference(found, many=True).data})
