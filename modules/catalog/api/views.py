"""Catalog over HTTP: parse, one call, answer."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel.rest.etags import kept_answer
from modules.catalog.api import answers, serializers
from modules.catalog.api.addresses import MOVED, moved_answer
from modules.catalog.api.filters import CurrencyParameter
from modules.catalog.api.languages import ACCEPT_LANGUAGE, in_language, language_of
from modules.catalog.logic import details, drawings
from modules.catalog.logic.editions import EDITION

A_YEAR = "public, max-age=31536000, immutable"


class Product(APIView):
    cached = True
    operation_ids = {"get": "product_retrieve"}

    @extend_schema(parameters=[CurrencyParameter, ACCEPT_LANGUAGE], responses={200: serializers.Product, 301: MOVED})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """A published product, by slug or id; 301 from a slug that it had before."""
        currency, language = CurrencyParameter.read(request)["currency"], language_of(request)

        def make() -> answers.Product | HttpResponse:
            product = details.get_product(slug_or_id=slug, currency=currency, language=language)
            if isinstance(product, details.Moved):
                return moved_answer(request, product.slug)
            return answers.product_answer(product)

        return in_language(kept_answer(request, EDITION, make, variant=language), language)


class Drawing(APIView):
    """A picture of the demonstration shop, drawn from its address alone: for pages, not for programs."""

    authentication_classes = []
    throttle_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request, shape: str, colour: str, size: int) -> HttpResponse:
        svg = drawings.draw(shape=shape, colour=colour, size=size)
        return HttpResponse(svg, content_type="image/svg+xml", headers={"Cache-Control": A_YEAR})
