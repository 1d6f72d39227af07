"""What a buyer wants to see: filters and an order, and the SQL conditions they mean."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from modules.catalog.logic.category_slugs import BY_SLUG
from modules.catalog.logic.search import LOOKED_THROUGH, RANKED, Search, search


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


NEWEST, RELEVANCE = "newest", "relevance"
SORTS = {
    RELEVANCE: Sort("found.score", "found.product_id", "bigint", "DESC"),
    NEWEST: Sort("listing.published_at", "listing.product_id", "timestamptz", "DESC"),
    "price": Sort("price.from_minor", "price.product_id", "bigint", "ASC"),
    "-price": Sort("price.from_minor", "price.product_id", "bigint", "DESC"),
    "title": Sort("listing.title", "listing.product_id", "text", "ASC"),
    "rating": Sort("listing.rating", "listing.product_id", "numeric", "DESC"),
}
REVERSED = {"ASC": "DESC", "DESC": "ASC"}
# Filters that a facet leaves out, so that its own choice does not narrow what it offers.
CATEGORY, PRICE, IN_STOCK = "category", "price", "in_stock"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the buyer wants to see; prices are in minor units of the currency.

    `attributes` holds, by code, the values of which a product has at least one. Without words to search for, relevance
    means newest; with them it is the order unless another is asked for.
    """

    currency: str
    # What it is answered in; the shop's own where it is empty.
    language: str = ""
    sort: str | None = None
    q: str = ""
    category: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool | None = None
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # What q finds, once it was searched.
    search: Search | None = None

    @property
    def order(self) -> Sort:
        """The order of its list."""
        asked = self.sort or (RELEVANCE if self.q else NEWEST)
        return SORTS[NEWEST if asked == RELEVANCE and not self.q else asked]

    @property
    def filtered(self) -> list[str]:
        """The names of the filters that narrow it: a code of an attribute begins with `attr.`."""
        present = {
            CATEGORY: self.category is not None,
            PRICE: self.price_min is not None or self.price_max is not None,
            IN_STOCK: self.in_stock is not None,
        }
        return [name for name, is_there in present.items() if is_there] + [f"attr.{code}" for code in self.attributes]


def search_for(wish: Wish) -> Wish:
    """The wish with what its words find; of common words the most popular products, and more where filters narrow."""
    if not wish.q:
        return wish
    return replace(wish, search=search(wish.q, reach=LOOKED_THROUGH if wish.filtered else RANKED))


def expressions_of(wish: Wish, *more: str) -> str:
    """`WITH …`: `branch (id)` and `found (product_id, score)`, each where it is needed, and what is added."""
    needed = ([BRANCH] if wish.category is not None else []) + ([wish.search.expressions] if wish.search else [])
    needed += more
    return f"WITH RECURSIVE {', '.join(needed)}" if needed else ""


def parameters_of(wish: Wish) -> dict[str, Any]:
    """The values that the conditions name."""
    named = {name: getattr(wish, name) for name in ("currency", "language", "price_min", "price_max", "in_stock")}
    return (
        named
        | {"slug": wish.category}
        | (wish.search.parameters if wish.search else {})
        | {
            f"attr_{place}": [f"{code}={value}" for value in values]
            for place, (code, values) in enumerate(wish.attributes.items())
        }
    )


def conditions_on_listing(wish: Wish, without: Collection[str] = ()) -> str:
    """` AND …` over a row of catalog_listing named `listing`, but for its category."""
    wanted = ["listing.in_stock = %(in_stock)s"] if wish.in_stock is not None and IN_STOCK not in without else []
    wanted += [
        f"listing.tokens && %(attr_{place})s::text[]"
        for place, code in enumerate(wish.attributes)
        if f"attr.{code}" not in without
    ]
    return _joined(wanted)


def conditions_on_price(wish: Wish, without: Collection[str] = ()) -> str:
    """` AND …` over a row of catalog_productprice named `price`, but for its currency."""
    wanted = []
    if PRICE not in without:
        wanted += ["price.from_minor >= %(price_min)s"] if wish.price_min is not None else []
        wanted += ["price.from_minor <= %(price_max)s"] if wish.price_max is not None else []
    return _joined(wanted)


def _joined(conditions: Sequence[str]) -> str:
    return "".join(f" AND {condition}" for condition in conditions)


# A category by its slug or by one it had before.
ROOT = f"SELECT {BY_SLUG} AS id"
# The category and all that is below it, as `branch`, for WITH RECURSIVE.
BRANCH = f"""
    branch AS (
        SELECT id FROM ({ROOT}) root WHERE id IS NOT NULL
        UNION ALL
        SELECT below.id FROM catalog_category below JOIN branch ON below.parent_id = branch.id
    )
"""  # noqa: S608  (this file's own fragment)
