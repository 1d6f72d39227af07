"""Catalog over HTTP: parse, one call, answer."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel.rest.etags import kept_answer
from ecommerce.kernel.rest.pages import Page, cut, limit_of, position_of
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from modules.catalog.api import answers, serializers
from modules.catalog.api.addresses import MOVED, moved_answer
from modules.catalog.api.filters import CurrencyParameter, ProductFilter, wish_of
from modules.catalog.logic import details, drawings, listing
from modules.catalog.logic.editions import EDITION
from modules.catalog.logic.listing import Wish

# With one of these a list is hardly asked for twice.
RARE = frozenset(("q", "cursor", "price_min", "price_max"))
A_YEAR = "public, max-age=31536000, immutable"


class Products(APIView):
    cached = True

    @extend_schema(parameters=[ProductFilter, *PAGING_PARAMETERS], responses=page_of(serializers.ProductCard))
    def get(self, request: Request) -> HttpResponse:
        """Published products that have a price in the currency, as cards."""
        wish, limit = wish_of(request), limit_of(request)

        def make() -> answers.ProductPage:
            page = _page(request, wish, limit)
            return answers.ProductPage([answers.card_answer(card) for card in page.rows], page.next, page.previous)

        return kept_answer(request, EDITION, make, keep_body=not RARE.intersection(request.query_params))


class Product(APIView):
    cached = True
    operation_ids = {"get": "product_retrieve"}

    @extend_schema(parameters=[CurrencyParameter], responses={200: serializers.Product, 301: MOVED})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """A published product, by slug or id; 301 from a slug that it had before."""
        currency = CurrencyParameter.read(request)["currency"]

        def make() -> answers.Product | HttpResponse:
            product = details.get_product(slug_or_id=slug, currency=currency)
            if isinstance(product, details.Moved):
                return moved_answer(request, product.slug)
            return answers.product_answer(product)

        return kept_answer(request, EDITION, make)


class Drawing(APIView):
    """A picture of the demonstration shop, drawn from its address alone: for pages, not for programs."""

    authentication_classes = []
    throttle_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request, shape: str, colour: str, size: int) -> HttpResponse:
        svg = drawings.draw(shape=shape, colour=colour, size=size)
        return HttpResponse(svg, content_type="image/svg+xml", headers={"Cache-Control": A_YEAR})


def _page(request: Request, wish: Wish, limit: int) -> Page[listing.Card]:
    ordering = listing.SORTS[wish.sort].ordering
    position = position_of(request, ordering)
    cards = listing.list_cards(
        wish=wish,
        limit=limit + 1,
        after=position.values if position else None,
        backwards=position is not None and position.backwards,
    )
    return cut(request, cards, limit, position, ordering, lambda card, _: card.place)
