"""Everything that is held on the caller."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_id
from modules.users.api.permissions import IsThemselves
from modules.users.api.serializers import exports as serializers
from modules.users.logic import exports


class Exports(APIView):
    permission_classes = [IsThemselves]

    @extend_schema(request=None, responses={202: serializers.ExportJob})
    def post(self, request: Request) -> Response:
        """Ask for everything; the same export again while it is gathered, and one a day (429)."""
        serializers.ExportInput.parse(request)
        export = exports.request_export(user_id=caller_id(request))
        where = request.build_absolute_uri(f"{request.path}{export.id}/")
        return Response(serializers.ExportJob(export).data, status=202, headers={"Location": where})


class Export(APIView):
    permission_classes = [IsThemselves]

    @extend_schema(responses={200: serializers.Export})
    def get(self, request: Request, export_id: UUID) -> Response:
        """How far it is, and once it is ready the document; for a week."""
        export = exports.get_export(user_id=caller_id(request), export_id=export_id)
        return Response(serializers.Export(export).data)
