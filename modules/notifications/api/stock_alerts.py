"""What the caller waits for until it can be bought again."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from ecommerce.kernel.rest.pages import page_answer, paginate
from ecommerce.kernel.rest.permissions import IsSignedIn
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from modules.notifications.api import serializers
from modules.notifications.logic import records, stock_alerts


class StockAlerts(APIView):
    """The caller is told, once, when a variant can be bought again."""

    permission_classes = [IsSignedIn]
    operation_ids = {"get": "stock_alerts_list", "post": "stock_alerts_create"}
    problems = (404, 409)

    @extend_schema(parameters=PAGING_PARAMETERS, responses=page_of(serializers.StockAlertSerializer))
    def get(self, request: Request) -> Response:
        page = paginate(request, stock_alerts.alerts_of(caller_id(request)), ordering=records.NEWEST_FIRST)
        return page_answer(page, serializers.StockAlertSerializer(page.rows, many=True).data)

    @extend_schema(
        request=serializers.StockAlertInput,
        responses={200: serializers.StockAlertSerializer, 201: serializers.StockAlertSerializer},
    )
    def post(self, request: Request) -> Response:
        wanted = serializers.StockAlertInput.parse(request)
        alert, is_new = stock_alerts.ask(caller_id(request), wanted["variant_id"])
        return Response(serializers.StockAlertSerializer(alert).data, status=201 if is_new else 200)


class OneStockAlert(APIView):
    """One of them."""

    permission_classes = [IsSignedIn]
    operation_ids = {"delete": "stock_alerts_delete"}
    problems = (404,)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, alert_id: UUID) -> Response:
        stock_alerts.withdraw(caller_id(request), alert_id)
        return Response(status=204)
