"""Orders as a file over HTTP: for staff."""

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel import clock
from ecommerce.kernel.rest.permissions import HasScope
from modules.orders.api.filters import ExportFilter
from modules.orders.logic import order_files
from modules.users.contracts import Scope

TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


class OrderExport(APIView):
    permission_classes = [HasScope(Scope.ORDERS_READ)]
    operation_ids = {"get": "orders_export"}

    @extend_schema(
        parameters=[ExportFilter],
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/x-ndjson"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every placed order that the filters leave, oldest first; in CSV a row for each line."""
        wanted = {"format": "csv", **ExportFilter.parse_query(request)}
        name = f"orders-{clock.now():%Y-%m-%d}.{wanted['format']}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        pieces = order_files.export_orders(**wanted)
        return StreamingHttpResponse(pieces, content_type=TYPES[wanted["format"]], headers=headers)
