"""Catalog over HTTP: parse, one call, answer."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.rest.etags import cached_answer
from ecommerce.kernel.rest.idempotency import idempotent
from ecommerce.kernel.rest.permissions import HasScope
from modules.catalog.api import answers, serializers
from modules.catalog.api.filters import CurrencyParameter, no_parameters
from modules.catalog.logic import categories, details, drawings, stock
from modules.users.contracts import Scope

A_YEAR = "public, max-age=31536000, immutable"


class Categories(APIView):
    cached = True

    @extend_schema(responses=serializers.CategoryTree)
    def get(self, request: Request) -> HttpResponse:
        """The whole tree."""
        no_parameters(request)
        return cached_answer(request, answers.CategoryTree(categories.get_tree()))


class Category(APIView):
    cached = True
    operation_ids = {"get": "category_retrieve"}

    @extend_schema(responses=serializers.Category)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """A category with its ancestors and what is below it."""
        no_parameters(request)
        return cached_answer(request, answers.category_answer(categories.get_category(slug=slug)))


class Product(APIView):
    cached = True
    operation_ids = {"get": "product_retrieve"}

    @extend_schema(parameters=[CurrencyParameter], responses=serializers.Product)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """A published product, by slug or id."""
        currency = CurrencyParameter.read(request)["currency"]
        product = details.get_product(slug_or_id=slug, currency=currency)
        return cached_answer(request, answers.product_answer(product))


class Stock(APIView):
    permission_classes = [HasScope(Scope.CATALOG_WRITE)]
    operation_ids = {"post": "stock_change"}
    problems = (409,)

    @extend_schema(request=serializers.StockInput, responses=serializers.Stock)
    @idempotent(module="catalog", required=False)
    def post(self, request: Request, variant_id: UUID) -> Response:
        """Change what lies on hand, by a difference or by a stock-take."""
        body = serializers.StockInput.parse(request)
        act = stock.adjust_stock if "delta" in body else stock.count_stock
        changed = cast(Any, act)(variant_id=variant_id, actor_id=cast(Principal, request.user).id, **body)
        return Response(answers.stock_answer(changed))


class Drawing(APIView):
    """A picture of the demonstration shop, drawn from its address alone: for pages, not for programs."""

    authentication_classes = []
    throttle_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request, shape: str, colour: str, size: int) -> HttpResponse:
        svg = drawings.draw(shape=shape, colour=colour, size=size)
        return HttpResponse(svg, content_type="image/svg+xml", headers={"Cache-Control": A_YEAR})
