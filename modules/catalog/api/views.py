"""Catalog over HTTP: parse, one call, answer."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel.rest.etags import cached_answer
from ecommerce.kernel.rest.pages import Page, cut, limit_of, position_of
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from modules.catalog.api import answers, serializers
from modules.catalog.api.filters import CurrencyParameter, ProductFilter, no_parameters, wish_of
from modules.catalog.logic import categories, details, drawings, listing

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


class Products(APIView):
    cached = True

    @extend_schema(parameters=[ProductFilter, *PAGING_PARAMETERS], responses=page_of(serializers.ProductCard))
    def get(self, request: Request) -> HttpResponse:
        """Published products that have a price in the currency, as cards."""
        page = _page(request)
        cards = [answers.card_answer(card) for card in page.rows]
        return cached_answer(request, answers.ProductPage(cards, page.next, page.previous))


class Product(APIView):
    cached = True
    operation_ids = {"get": "product_retrieve"}

    @extend_schema(parameters=[CurrencyParameter], responses=serializers.Product)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """A published product, by slug or id."""
        currency = CurrencyParameter.read(request)["currency"]
        product = details.get_product(slug_or_id=slug, currency=currency)
        return cached_answer(request, answers.product_answer(product))


class Drawing(APIView):
    """A picture of the demonstration shop, drawn from its address alone: for pages, not for programs."""

    authentication_classes = []
    throttle_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request, shape: str, colour: str, size: int) -> HttpResponse:
        svg = drawings.draw(shape=shape, colour=colour, size=size)
        return HttpResponse(svg, content_type="image/svg+xml", headers={"Cache-Control": A_YEAR})


def _page(request: Request) -> Page[listing.Card]:
    wish, limit = wish_of(request), limit_of(request)
    ordering = listing.SORTS[wish.sort].ordering
    position = position_of(request, ordering)
    cards = listing.list_cards(
        wish=wish,
        limit=limit + 1,
        after=position.values if position else None,
        backwards=position is not None and position.backwards,
    )
    return cut(request, cards, limit, position, ordering, lambda card, _: card.place)
