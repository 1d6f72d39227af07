"""The shop window: cards of published products, filtered, sorted, a page at a time, by one statement.

A page costs the same however many products there are. The whole shop is walked along the index of the order, from the
cursor on; a branch of the tree by merging its shelves, each of which gives one page at most from its own index. Words
are searched first (search.py), and what was found is sorted.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from ecommerce.kernel.money import Money
from modules.catalog.logic.categories import CategoryLink
from modules.catalog.logic.database import fetch
from modules.catalog.logic.hits import WITH_PRICE, among_found
from modules.catalog.logic.images import Image, read_image
from modules.catalog.logic.ratings import Rating, rating_of
from modules.catalog.logic.translations import names_in
from modules.catalog.logic.wishes import (
    RELEVANCE,
    REVERSED,
    SORTS,
    Sort,
    Wish,
    conditions_on_listing,
    conditions_on_price,
    expressions_of,
    parameters_of,
)

__all__ = ["SORTS", "Card", "Wish", "list_cards"]

MOST_RELATED = 12
# So many of a shelf are walked for attributes before all that have them are asked for.
NEAR = 300


class Card(NamedTuple):
    """A product in a list, and its place in that list."""

    id: UUID
    slug: str
    title: str
    category: CategoryLink
    image: Image | None
    price_from: Money
    compare_at: Money | None
    lowest_price_30_days: Money | None
    in_stock: bool
    place: tuple[Any, UUID]
    rating: Rating | None


def list_cards(*, wish: Wish, limit: int, after: Sequence[Any] | None = None, backwards: bool = False) -> list[Card]:
    """Products with a price in the currency, behind the place `after`, or before it, nearest first, when backwards.

    The first page of a mere search looks for no more than it needs; should that not do (some of the found have no price
    in the currency), it is read like any other.
    """
    direction = REVERSED[wish.order.direction] if backwards else wish.order.direction
    is_mere_search = after is None and wish.order is SORTS[RELEVANCE] and not wish.filtered
    if is_mere_search and wish.search and (search := wish.search.of_first_page()):
        cards = _read_cards(replace(wish, search=search), limit, None, direction)
        if len(cards) == limit:
            return cards
    return _read_cards(wish, limit, after, direction)


def _read_cards(wish: Wish, limit: int, after: Sequence[Any] | None, direction: str) -> list[Card]:
    parameters = {"limit": limit} | parameters_of(wish)
    if after is not None:
        parameters |= {"after_value": after[0], "after_id": after[1]}
    walk = _ranked if wish.search else _branch_walk if wish.category is not None else _walk
    page = walk(wish, wish.order, after, direction)
    sql = _cards(expressions_of(wish), page, direction, wish.language)
    return [_card(wish.currency, row) for row in fetch(sql, parameters)]


def list_related(*, product_id: UUID, currency: str, language: str) -> list[Card]:
    """What stands beside a product, in staff's order: at most 12 that are published and have a price in the
    currency."""
    parameters = {"product_id": product_id, "currency": currency, "language": language, "limit": MOST_RELATED}
    return [_card(currency, row) for row in fetch(_cards("", _RELATED, "ASC", language), parameters)]


def _cards(expressions: str, page: str, direction: str, language: str) -> str:
    return _CARDS.format(expressions=expressions, page=page, direction=direction, names=names_in(language))


def _walk(wish: Wish, sort: Sort, after: Sequence[Any] | None, direction: str, *, of_branch: bool = False) -> str:
    """One page along an index: of the whole shop, or of one shelf of the branch."""
    table = sort.id_column.split(".")[0]
    shelf = f"AND {table}.category_id = branch.id" if of_branch else ""
    beyond = _beyond(sort, direction, _SHELVES[table] if of_branch else ("", "")) if after is not None else ""
    return f"""
        SELECT {_PLACE.format(id=sort.id_column, value=sort.column)}
        FROM {_tables(wish, sort)}
        WHERE price.currency = %(currency)s
              {conditions_on_listing(wish)} {conditions_on_price(wish)} {shelf} {beyond}
        ORDER BY {sort.column} {direction}, {sort.id_column} {direction}
        LIMIT %(limit)s
    """  # noqa: S608  (only this module's own fragments; every value is a parameter)


def _branch_walk(wish: Wish, sort: Sort, after: Sequence[Any] | None, direction: str) -> str:
    """One page of each shelf, merged."""
    walk = _shelf_of_attributes if wish.attributes else _shelf
    return f"""
        SELECT place.* FROM branch CROSS JOIN LATERAL ({walk(wish, sort, after, direction)}) place
        WHERE {_HAS_SUCH_PRICES.format(conditions=conditions_on_price(wish)) if conditions_on_price(wish) else "true"}
        ORDER BY place.value {direction}, place.product_id {direction}
        LIMIT %(limit)s
    """  # noqa: S608  (only this module's own fragments; every value is a parameter)


def _shelf(wish: Wish, sort: Sort, after: Sequence[Any] | None, direction: str) -> str:
    return _walk(wish, sort, after, direction, of_branch=True)


def _shelf_of_attributes(wish: Wish, sort: Sort, after: Sequence[Any] | None, direction: str) -> str:
    """The same where attributes are asked for: nobody knows how common they are on a shelf. So a part of it is walked;
    should that not fill the page, all that have them are taken from the index of tokens, and sorted."""
    table, prices = sort.id_column.split(".")[0], conditions_on_price(wish)
    of_shelf, other = "catalog_listing listing WHERE listing.category_id = branch.id", WITH_PRICE
    if table == "price":
        of_shelf = "catalog_productprice price WHERE price.category_id = branch.id AND price.currency = %(currency)s"
        of_shelf, other = of_shelf + prices, _LISTING_TOO
    return _NEAR_OR_ALL.format(
        columns=_PLACE.format(id=sort.id_column, value=sort.column),
        order=f"{sort.column} {direction}, {sort.id_column} {direction}",
        beyond=_beyond(sort, direction, _SHELVES[table]) if after is not None else "",
        tokens=conditions_on_listing(wish),
        table=table,
        of_shelf=of_shelf,
        other=other,
        prices=prices,
        near=NEAR,
    )


def _ranked(wish: Wish, sort: Sort, after: Sequence[Any] | None, direction: str) -> str:
    """One page of what the search has found, in whatever order."""
    beyond = _beyond(sort, direction) if after is not None else ""
    order = f"{sort.column} {direction}, {sort.id_column} {direction}"
    return f"""
        SELECT {_PLACE.format(id="found.product_id", value=sort.column)}
        {among_found(wish, order, order=order if sort is SORTS[RELEVANCE] else "")} {beyond}
        ORDER BY {order}
        LIMIT %(limit)s
    """


def _tables(wish: Wish, sort: Sort) -> str:
    """The table whose index is walked first; the other one only where it has a say."""
    if sort.id_column.startswith("price."):
        is_asked = conditions_on_listing(wish) != ""
        return "catalog_productprice price" + (_LISTING_TOO if is_asked else "")
    return f"catalog_listing listing {WITH_PRICE}"


def _beyond(sort: Sort, direction: str, shelf: tuple[str, str] = ("", "")) -> str:
    """Behind the cursor in that order, of a shelf by all the columns of the shelf's own index.

    Where most values are the same (no product is rated yet), the planner believes that next to none lie behind the
    cursor, and might walk the whole shop's index for it.
    """
    compare = ">" if direction == "ASC" else "<"
    columns, values = shelf
    place = f"{values}%(after_value)s::{sort.type}, %(after_id)s::uuid"
    return f"AND ({columns}{sort.column}, {sort.id_column}) {compare} ({place})"


def _card(currency: str, row: tuple[Any, ...]) -> Card:
    *shown, stars, reviews = row
    product_id, slug, title, category_id, category_slug, category_name, image, minor, *before, in_stock, value = shown
    compare_at, lowest = (None if one is None else Money(minor=one, currency=currency) for one in before)
    return Card(
        id=product_id,
        slug=slug,
        title=title,
        category=CategoryLink(category_id, category_slug, category_name),
        image=read_image(image),
        price_from=Money(minor=minor, currency=currency),
        compare_at=compare_at,
        lowest_price_30_days=lowest,
        in_stock=in_stock,
        place=(value, product_id),
        rating=rating_of(stars, reviews),
    )


# What the index of a shelf's order begins with, and the values there.
_SHELVES = {
    "listing": ("listing.category_id, ", "branch.id, "),
    "price": ("price.category_id, price.currency, ", "branch.id, %(currency)s, "),
}
_PLACE = "{id} AS product_id, {value} AS value, price.from_minor, price.compare_at_minor, price.lowest_minor"
_RELATED = f"""
    SELECT {_PLACE.format(id="related.related_id", value="related.position")}
    FROM catalog_relatedproduct related
    JOIN catalog_listing listing ON listing.product_id = related.related_id
    JOIN catalog_productprice price ON price.product_id = related.related_id AND price.currency = %(currency)s
    WHERE related.product_id = %(product_id)s
    ORDER BY related.position
    LIMIT %(limit)s
"""  # noqa: S608  (this module's own fragment)
_NEAR_OR_ALL = f"""
    WITH near AS (
        SELECT {{columns}}
        FROM (
            SELECT * FROM {{of_shelf}} {{beyond}} ORDER BY {{order}} LIMIT {{near}}
        ) {{table}} {{other}}
        WHERE true {{tokens}} {{prices}} ORDER BY {{order}} LIMIT %(limit)s
    )
    SELECT * FROM near WHERE (SELECT count(*) FROM near) >= %(limit)s
    UNION ALL
    (
        SELECT {{columns}}
        FROM (
            SELECT * FROM catalog_listing listing WHERE category_id = branch.id {{tokens}} OFFSET 0
        ) listing {WITH_PRICE}
        WHERE (SELECT count(*) FROM near) < %(limit)s {{prices}} {{beyond}} ORDER BY {{order}} LIMIT %(limit)s
    )
"""  # noqa: S608  (this module's own fragments)
# A shelf without any is not walked in vain; a subquery, so that it is asked shelf by shelf.
_HAS_SUCH_PRICES = """(
    SELECT true FROM catalog_productprice price
    WHERE category_id = branch.id AND currency = %(currency)s {conditions} LIMIT 1
)"""
_LISTING_TOO = " JOIN catalog_listing listing ON listing.product_id = price.product_id"
# Only what is shown is looked up.
_CARDS = """
    {expressions}
    SELECT product.id, product.slug, {names.product}, category.id, category.slug, {names.category}, product.images -> 0,
           place.from_minor, place.compare_at_minor, place.lowest_minor, listing.in_stock, place.value,
           product.rating_sum, product.rating_count
    FROM ({page}) place
    JOIN catalog_listing listing ON listing.product_id = place.product_id
    JOIN catalog_product product ON product.id = place.product_id
    JOIN catalog_category category ON category.id = listing.category_id
    {names.of_products} {names.of_categories}
    ORDER BY place.value {direction}, place.product_id {direction}
"""
