"""Imports and exports over HTTP: for staff."""

from typing import Any, cast
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel import clock
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.rest.idempotency import current_claim, idempotent, is_dry_run
from ecommerce.kernel.rest.pages import PAGING, page_answer, paginate
from ecommerce.kernel.rest.permissions import HasScope
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from ecommerce.kernel.rest.serializers import StrictSerializer
from modules.catalog.api import import_serializers as serializers
from modules.catalog.api.import_parsers import CsvParser, JsonLinesParser
from modules.catalog.logic import imports, product_files
from modules.catalog.models import ImportJob
from modules.users.contracts import Scope

TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


class Imports(APIView):
    permission_classes = [HasScope(Scope.CATALOG_WRITE)]
    parser_classes = [MultiPartParser, CsvParser, JsonLinesParser]

    @extend_schema(
        parameters=[serializers.ImportOptions],
        request={
            "multipart/form-data": serializers.ImportInput,
            "text/csv": OpenApiTypes.STR,
            "application/x-ndjson": OpenApiTypes.STR,
        },
        responses={202: serializers.Import},
    )
    @idempotent(module="catalog", required=False, dry_runs=True)
    def post(self, request: Request) -> Response:
        """Import products, prices and stock from a file; the answer is the job, which a worker carries out.

        The file is a form's or the body itself; what else is said stands in the form or in the address.
        """
        body = {**serializers.ImportOptions.parse_query(request), **serializers.ImportInput.parse(request)}
        file, claim = body.pop("file"), current_claim(request)
        is_dry = body.pop("dry_run", "false") == "true" or is_dry_run(request)
        job = imports.begin_import(
            job_id=claim.id if claim else new_id(),
            file=file,
            file_name=file.name or "",
            dry_run=is_dry,
            created_by=cast(Principal, request.user).id,
            is_uploaded=True,
            **body,
        )
        location = request.build_absolute_uri(f"{request.path}{job.id}/")
        return Response(serializers.import_answer(job), 202, headers={"Location": location})

    @extend_schema(parameters=PAGING_PARAMETERS, responses=page_of(serializers.ImportListed))
    def get(self, request: Request) -> Response:
        """All imports, the latest first."""
        StrictSerializer.parse_query(request, besides=PAGING)
        page = paginate(request, ImportJob.objects.defer("errors", "changes"), ordering=("-created_at", "-id"))
        return page_answer(page, [serializers.listed_answer(job) for job in page.rows])


class Import(APIView):
    permission_classes = [HasScope(Scope.CATALOG_WRITE)]
    operation_ids = {"get": "import_retrieve"}

    @extend_schema(responses=serializers.Import)
    def get(self, request: Request, job_id: UUID) -> Response:
        """One import: how far it is, and what is wrong with which row."""
        StrictSerializer.parse_query(request)
        return Response(serializers.import_answer(imports.get_import(job_id=job_id)))


class ProductExport(APIView):
    permission_classes = [HasScope(Scope.CATALOG_WRITE)]
    operation_ids = {"get": "products_export"}
    problems = (404,)

    @extend_schema(
        parameters=[serializers.ExportParameters],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/x-ndjson"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every product with its variants, prices, stock and translations: what an import reads."""
        wanted: dict[str, Any] = {"format": "csv", **serializers.ExportParameters.parse_query(request)}
        pieces = product_files.export_products(**wanted)
        name = f"products-{clock.now():%Y-%m-%d}.{wanted['format']}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(pieces, content_type=TYPES[wanted["format"]], headers=headers)
