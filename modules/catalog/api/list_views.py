"""The shop window over HTTP: lists, searches, facets, suggestions."""

from dataclasses import replace

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel.rest.etags import kept_answer
from ecommerce.kernel.rest.pages import Page, cut, limit_of, position_of
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS
from modules.catalog.api import list_answers, list_serializers
from modules.catalog.api.filters import ProductFilter, SuggestionFilter, list_request
from modules.catalog.api.languages import ACCEPT_LANGUAGE, in_language, language_of
from modules.catalog.logic import attribute_codes, counts, facets, listing, suggestions
from modules.catalog.logic.editions import EDITION
from modules.catalog.logic.wishes import Wish, search_for

# With one of these a list is hardly asked for twice.
RARE = frozenset(("q", "cursor", "price_min", "price_max"))
ATTRIBUTES = OpenApiParameter(
    "attr",
    {"type": "object", "additionalProperties": {"type": "string"}},
    style="form",
    explode=True,
    description="Written `attr.<code>=a,b`: products that have any of the values of a code, and so of each code; "
    "at most 10 codes and 50 values, exactly as facets give them. A comma of a value is written `\\,`; a repeated "
    "parameter adds its values.",
)


class Products(APIView):
    cached = True

    @extend_schema(
        parameters=[ProductFilter, ATTRIBUTES, *PAGING_PARAMETERS, ACCEPT_LANGUAGE],
        responses=list_serializers.ProductCardPage,
    )
    def get(self, request: Request) -> HttpResponse:
        """Published products that have a price in the currency, as cards; a search (`q`) ends at 2,000."""
        asked, limit, language = list_request(request), limit_of(request), language_of(request)

        def make() -> list_answers.ProductCardPage:
            attribute_codes.check_codes(asked.wish.attributes)
            position = position_of(request, asked.wish.order.ordering)
            wish = search_for(replace(asked.wish, language=language))
            cards = listing.list_cards(
                wish=wish,
                limit=limit + 1,
                after=position.values if position else None,
                backwards=position is not None and position.backwards,
            )
            page = cut(request, cards, limit, position, wish.order.ordering, lambda card, _: card.place)
            return _answer(page, wish, with_facets=asked.facets, with_count=asked.count)

        is_common = not RARE.intersection(request.query_params)
        return in_language(kept_answer(request, EDITION, make, variant=language, keep_body=is_common), language)


class Suggestions(APIView):
    cached = True
    operation_ids = {"get": "search_suggest"}

    @extend_schema(parameters=[SuggestionFilter, ACCEPT_LANGUAGE], responses=list_serializers.SuggestionList)
    def get(self, request: Request) -> HttpResponse:
        """Up to 8 categories and products whose names have these words, or nearly; the last may be a beginning."""
        q, language = SuggestionFilter.parse_query(request)["q"], language_of(request)

        def make() -> list_answers.SuggestionList:
            return list_answers.SuggestionList(suggestions.suggest(q, language=language))

        return in_language(kept_answer(request, EDITION, make, variant=language), language)


def _answer(
    page: Page[listing.Card], wish: Wish, *, with_facets: bool, with_count: bool
) -> list_answers.ProductCardPage:
    return list_answers.page_answer(
        page,
        facets=facets.get_facets(wish) if with_facets else None,
        count=counts.count_hits(wish) if with_count else None,
    )
