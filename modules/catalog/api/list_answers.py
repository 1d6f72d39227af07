"""Lists as structs; list_serializers.py is their schema. What was not asked for is left out."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from ecommerce.kernel.money import Money
from ecommerce.kernel.rest.pages import Page
from ecommerce.kernel.rest.serializers import MoneyStruct
from modules.catalog.api.answers import ProductCard, card_answer
from modules.catalog.logic.facets import AttributeFacet, Facets
from modules.catalog.logic.listing import Card
from modules.catalog.logic.shelf_counts import CategoryCount
from modules.catalog.logic.suggestions import Suggestion


class PriceRange(msgspec.Struct):
    min: MoneyStruct
    max: MoneyStruct


class FacetList(msgspec.Struct):
    categories: list[CategoryCount]
    attributes: list[AttributeFacet]
    price: PriceRange | None
    exact: bool


class ProductCardPage(msgspec.Struct):
    results: list[ProductCard]
    next: str | None
    previous: str | None
    count: str | UnsetType = UNSET
    facets: FacetList | UnsetType = UNSET


class SuggestionList(msgspec.Struct):
    results: list[Suggestion]


def page_answer(page: Page[Card], *, facets: Facets | None, count: str | None) -> ProductCardPage:
    """A page of cards, with its facets and its count where they were asked for."""
    answer: dict[str, Any] = {} if count is None else {"count": count}
    if facets is not None:
        answer["facets"] = _facets(facets)
    return ProductCardPage([card_answer(card) for card in page.rows], page.next, page.previous, **answer)


def _facets(facets: Facets) -> FacetList:
    price = None if facets.price is None else PriceRange(*map(_money, facets.price))
    return FacetList(facets.categories, facets.attributes, price, facets.exact)


def _money(money: Money) -> MoneyStruct:
    return MoneyStruct(money.amount, money.currency)
