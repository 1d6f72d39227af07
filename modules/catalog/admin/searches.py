"""How staff find things in long lists: by one index at a time. An OR across tables has none, and reads a list whole."""

from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from modules.catalog.logic.product_slugs import reads_as_id, slug_of
from modules.catalog.models import Product, StockLevel, StockMovement, Variant

# Who wants another one types more.
MOST_FOUND = 1000


class OfProducts:
    """Found by the product: the beginning of its slug, which a title is spelled to, or a SKU of it."""

    product_field = "product"
    search_help_text = "The beginning of a product's title as its address has it, or a SKU"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(**{f"{self.product_field}__in": _products(search_term.strip())}), False


class OfMovements:
    """Found by a SKU, or by the order or the return that moved it."""

    search_help_text = "A SKU, or the id of an order, a return or a form"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockMovement], search_term: str
    ) -> tuple[QuerySet[StockMovement], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if reads_as_id(term):
            return queryset.filter(reference=UUID(term)), False
        return queryset.filter(level__in=_first(StockLevel.objects.filter(variant__sku__iexact=term), "id")), False


def _products(term: str) -> list[UUID]:
    by_slug = _first(Product.objects.filter(slug__startswith=slug_of(term)), "id")
    by_sku = _first(Variant.objects.filter(sku__iexact=term), "product_id")
    return [*by_slug, *by_sku]


def _first(rows: QuerySet[Model], field: str) -> list[UUID]:
    return list(rows.values_list(field, flat=True)[:MOST_FOUND])
