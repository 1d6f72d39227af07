"""What staff see of messages on their way, and how they send one again."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.pages import PAGING, page_answer, paginate
from ecommerce.kernel.rest.permissions import HasScope
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from modules.notifications.api import serializers
from modules.notifications.logic import parked, records
from modules.users.contracts import Scope


class Deliveries(APIView):
    """Every attempt to send a message, newest first."""

    permission_classes = [HasScope(Scope.NOTIFICATIONS_READ)]
    operation_ids = {"get": "notifications_deliveries"}

    @extend_schema(
        parameters=[serializers.DeliveryFilter, *PAGING_PARAMETERS], responses=page_of(serializers.DeliverySerializer)
    )
    def get(self, request: Request) -> Response:
        asked = serializers.DeliveryFilter.parse_query(request, besides=PAGING)
        page = paginate(request, records.deliveries(**asked), ordering=records.NEWEST_FIRST)
        return page_answer(page, serializers.DeliverySerializer(page.rows, many=True).data)


class Replay(APIView):
    """Give the message of this attempt another round of attempts; repeating is safe."""

    permission_classes = [HasScope(Scope.NOTIFICATIONS_WRITE)]
    operation_ids = {"post": "notifications_replay"}
    problems = (404, 409)

    @extend_schema(request=None, responses={202: serializers.DeliverySerializer})
    def post(self, request: Request, delivery_id: UUID) -> Response:
        message_id = records.get_delivery(delivery_id).message_id
        parked.replay_one(message_id)
        return Response(serializers.DeliverySerializer(records.get_delivery(delivery_id)).data, status=202)
