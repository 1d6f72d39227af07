"""Staff's search over every order: by number, by e-mail address, by SKU, by the beginnings of names.

What is typed is not said to be one or the other. An address holds an @; anything else is looked for as a number, as a
SKU and among the names at once, each by its own index, newest first. Orders stand in the order of their ids here, which
is that of their checkouts: so each index gives the next page without reading what lies before it or behind.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorExact
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower

from modules.orders.logic.names import words_of
from modules.orders.models import Order, OrderLine

NEWEST_FIRST = ("-id",)
# Words that more orders than this hold are so frequent that the newest orders are read through until a page is full.
FREQUENT = 5_000
MOST_WORDS = 5
LOOKUPS = {"placed_after": "placed_at__gte", "placed_before": "placed_at__lt"}

Asked = Mapping[str, Any]


def narrowed_by(asked: Asked, through: str = "") -> Q:
    """The filters that are set, of orders or of what leads to them (`order__`); never what is still in checkout."""
    chosen = {LOOKUPS.get(name, name): value for name, value in asked.items() if value is not None}
    internal = Q(**{f"{through}status__in": Order.INTERNAL})
    return ~internal & Q(**{f"{through}{lookup}": value for lookup, value in chosen.items()})


def matching(text: str) -> Q:
    """Any of the ways to be found, for orders that are few: those of one customer."""
    by_sku = Exists(OrderLine.objects.filter(order=OuterRef("pk"), sku=text))
    return Q(number=text) | Q(email__iexact=text) | Q(by_sku) | _named(text)


def ids_found(text: str, asked: Asked, *, beyond: UUID | None, backwards: bool, limit: int) -> list[UUID]:
    """The ids of the first so many orders that are found beyond an id: older ones, or newer ones when backwards."""
    ways = [_of_email(text, asked)] if "@" in text else [_of_number(text, asked), _of_sku(text, asked)]
    if "@" not in text and words_of(text):
        ways.append(_of_name(text, asked))
    order, lookup = ("", "gt") if backwards else ("-", "lt")
    pages = []
    for found, name in ways:
        reached = found.filter(**{f"{name}__{lookup}": beyond}) if beyond else found
        pages.append(reached.order_by(f"{order}{name}").values_list(name, flat=True)[:limit])
    first, *others = pages
    return list(first.union(*others).order_by(f"{order}id")[:limit] if others else first)


Way = tuple[QuerySet[Any], str]


def _of_email(text: str, asked: Asked) -> Way:
    return Order.objects.alias(folded=Lower("email")).filter(narrowed_by(asked), folded=Lower(Value(text))), "id"


def _of_number(text: str, asked: Asked) -> Way:
    return Order.objects.filter(narrowed_by(asked), number=text), "id"


def _of_sku(text: str, asked: Asked) -> Way:
    return OrderLine.objects.filter(narrowed_by(asked, "order__"), sku=text), "order_id"


def _of_name(text: str, asked: Asked) -> Way:
    named = Order.objects.filter(_named(text)).values("id")
    orders = Order.objects.filter(narrowed_by(asked))
    if named[:FREQUENT].count() < FREQUENT:
        # The limit keeps the planner from reading the newest orders through for a word that few of them hold.
        return orders.filter(pk__in=named[:FREQUENT]), "id"
    return orders.filter(_named(text)), "id"


def _named(text: str) -> Q:
    """Each word begins one of the order's names; nothing is named by no words."""
    words = words_of(text)[:MOST_WORDS]
    if not words:
        return Q(pk__in=[])
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
    return Q(SearchVectorExact(SearchVector("search_name", config="simple"), query))
