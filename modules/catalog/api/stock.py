"""Stock over HTTP, for staff: how much lies where, how it came to be so, and the places."""

from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.rest.idempotency import idempotent
from ecommerce.kernel.rest.pages import PAGING, cut, limit_of, page_answer, position_of
from ecommerce.kernel.rest.permissions import HasScope
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from ecommerce.kernel.rest.serializers import StrictSerializer, UUIDField
from modules.catalog.api import answers, serializers
from modules.catalog.api.filters import no_parameters
from modules.catalog.logic import journal, locations, stock
from modules.users.contracts import Scope

LAST_MOVEMENTS = 20
NEWEST_FIRST = ("-created_at", "-id")


class MovementFilter(StrictSerializer):
    """Whose journal is read."""

    variant = UUIDField()


class Stock(APIView):
    permission_classes = [HasScope(Scope.CATALOG_WRITE)]
    operation_ids = {"get": "stock_retrieve", "post": "stock_change"}
    problems = (409,)

    @extend_schema(responses=serializers.StockWithJournal)
    def get(self, request: Request, variant_id: UUID) -> Response:
        """What lies where, and the last rows of the journal."""
        no_parameters(request)
        found = stock.get_stock(variant_id=variant_id)
        moved = journal.list_movements(variant_id=variant_id, limit=LAST_MOVEMENTS)
        shown = serializers.Stock(found).data
        return Response({**shown, "movements": serializers.Movement(moved, many=True).data})

    @extend_schema(request=serializers.StockInput, responses=serializers.Stock)
    @idempotent(module="catalog", required=False)
    def post(self, request: Request, variant_id: UUID) -> Response:
        """Change what lies on hand at a location, by a difference or by a stock-take."""
        body = serializers.StockInput.parse(request)
        act = stock.adjust_stock if "delta" in body else stock.count_stock
        changed = cast(Any, act)(variant_id=variant_id, actor_id=cast(Principal, request.user).id, **body)
        return Response(answers.stock_answer(changed))


class Movements(APIView):
    permission_classes = [HasScope(Scope.CATALOG_WRITE)]
    operation_ids = {"get": "stock_movements_list"}

    @extend_schema(parameters=[MovementFilter, *PAGING_PARAMETERS], responses=page_of(serializers.Movement))
    def get(self, request: Request) -> Response:
        """A variant's journal at all locations, newest first."""
        variant_id = MovementFilter.parse_query(request, besides=PAGING)["variant"]
        limit, position = limit_of(request), position_of(request, NEWEST_FIRST)
        rows = journal.list_movements(
            variant_id=variant_id,
            limit=limit + 1,
            after=position.values if position else None,
            backwards=position is not None and position.backwards,
        )
        page = cut(request, rows, limit, position, NEWEST_FIRST)
        return page_answer(page, serializers.Movement(page.rows, many=True).data)


class Locations(APIView):
    permission_classes = [HasScope(Scope.CATALOG_WRITE)]
    operation_ids = {"get": "locations_list", "post": "locations_create"}
    problems = (409,)

    @extend_schema(responses=serializers.LocationList)
    def get(self, request: Request) -> Response:
        """Every location, in the order that stock is taken from them."""
        no_parameters(request)
        return Response({"results": serializers.Location(locations.list_locations(), many=True).data})

    @extend_schema(request=serializers.LocationInput, responses={201: serializers.Location})
    def post(self, request: Request) -> Response:
        """A new place for stock."""
        body = serializers.LocationInput.parse(request)
        return Response(serializers.Location(locations.open_location(**body)).data, status=201)
