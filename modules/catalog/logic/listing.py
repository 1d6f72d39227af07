"""The shop window: cards of published products, filtered, sorted, a page at a time, by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from ecommerce.kernel.money import Money
from modules.catalog.logic.categories import CategoryLink
from modules.catalog.logic.database import fetch
from modules.catalog.logic.images import Image, read_image
from modules.catalog.logic.ratings import Rating, rating_of


class Sort(NamedTuple):
    """An order that an index holds: a column, then the product's id."""

    column: str
    id_column: str
    type: str
    direction: str

    @property
    def ordering(self) -> tuple[str, str]:
        """Its name for cursors."""
        return (f"{self.direction} {self.column}", self.id_column)


SORTS = {
    "newest": Sort("listing.published_at", "listing.product_id", "timestamptz", "DESC"),
    "price": Sort("price.from_minor", "price.product_id", "bigint", "ASC"),
    "-price": Sort("price.from_minor", "price.product_id", "bigint", "DESC"),
    "title": Sort("listing.title", "listing.product_id", "text", "ASC"),
}
REVERSED = {"ASC": "DESC", "DESC": "ASC"}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the buyer wants to see; prices are in minor units of the currency."""

    currency: str
    sort: str = "newest"
    category: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool | None = None


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
    """Products with a price in the currency, behind the place `after`, or before it, nearest first, when backwards."""
    sort = SORTS[wish.sort]
    direction = REVERSED[sort.direction] if backwards else sort.direction
    parameters = {"limit": limit, **{name: getattr(wish, name) for name in wish.__dataclass_fields__}}
    if after is not None:
        parameters |= {"after_value": after[0], "after_id": after[1]}
    sql = f"""
        {_BRANCH if wish.category is not None else ""}
        SELECT product.id, product.slug, product.title, category.id, category.slug, category.name, product.images -> 0,
               price.from_minor, price.compare_at_minor, price.lowest_minor, listing.in_stock, {sort.column},
               product.rating_sum, product.rating_count
        FROM catalog_listing listing
        JOIN catalog_productprice price ON price.product_id = listing.product_id AND price.currency = %(currency)s
        JOIN catalog_product product ON product.id = listing.product_id
        JOIN catalog_category category ON category.id = listing.category_id
        WHERE true {_conditions(wish, sort, after, direction)}
        ORDER BY {sort.column} {direction}, {sort.id_column} {direction}
        LIMIT %(limit)s
    """  # noqa: S608  (only this file's own fragments; every value is a parameter)
    return [_card(wish.currency, row) for row in fetch(sql, parameters)]


def _conditions(wish: Wish, sort: Sort, after: Sequence[Any] | None, direction: str) -> str:
    wanted = [
        (wish.category is not None, "listing.category_id IN (SELECT id FROM branch)"),
        (wish.price_min is not None, "price.from_minor >= %(price_min)s"),
        (wish.price_max is not None, "price.from_minor <= %(price_max)s"),
        (wish.in_stock is not None, "listing.in_stock = %(in_stock)s"),
        (after is not None, _beyond(sort, direction)),
    ]
    return "".join(f" AND {condition}" for is_wanted, condition in wanted if is_wanted)


def _beyond(sort: Sort, direction: str) -> str:
    compare = ">" if direction == "ASC" else "<"
    return f"({sort.column}, {sort.id_column}) {compare} (%(after_value)s::{sort.type}, %(after_id)s::uuid)"


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


_BRANCH = """
    WITH RECURSIVE branch AS (
        SELECT id FROM catalog_category WHERE slug = %(category)s
        UNION ALL
        SELECT below.id FROM catalog_category below JOIN branch ON below.parent_id = branch.id
    )
"""
