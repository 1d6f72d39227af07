"""The products that a wish leaves: those among the found, or so many of the shop's or a branch's."""

from collections.abc import Collection
from dataclasses import replace

from modules.catalog.logic.wishes import CATEGORY, Wish, conditions_on_listing, conditions_on_price

# However many shelves share what is looked through.
LEAST_SHARE = 50
WITH_PRICE = """
    JOIN catalog_productprice price ON price.product_id = listing.product_id AND price.currency = %(currency)s
"""


def priced(wish: Wish, *, limit: int | str, branch: str = "branch") -> str:
    """A SELECT of at most so many prices, whichever, where no filter asks the listings: the index of prices alone.

    `branch` is the relation of the categories that are looked through, each by its own index, one after the other.
    """
    prices = f"SELECT FROM catalog_productprice price WHERE price.currency = %(currency)s {conditions_on_price(wish)}"
    if wish.category is None and branch == "branch":
        return f"{prices} LIMIT {limit}"
    prices += f" AND price.category_id = shelf.id LIMIT {limit}"
    return f"SELECT FROM {branch} shelf CROSS JOIN LATERAL ({prices}) hit LIMIT {limit}"


def looked_through(wish: Wish, *, most: int, branch: str = "branch") -> str:
    """For WITH: `looked (category_id, tokens, in_stock, from_minor)`, narrowed by no filter but the category, and
    `cut (is_cut)`: the found, or the newest of the shop, or of each shelf of the branch, and whether there are more.
    The shelves share `most`.

    However rare the products are that the filters leave, no more than these are read to find them.
    """
    is_cut = f"(SELECT count(*) FROM looked) > {most}"  # noqa: S608  (likewise)
    shares = ""
    if wish.search:
        bare = replace(wish, category=None, price_min=None, price_max=None, in_stock=None, attributes={})
        source = f"{among_found(bare, _LOOKED)} LIMIT {most + 1}"
        is_cut += " OR (SELECT count(*) FROM found) >= %(reach)s"
    elif wish.category is None and branch == "branch":
        newest = f"FROM catalog_listing {_NEWEST} LIMIT {most + 1}"
        source = f"FROM (SELECT * {newest}) listing {WITH_PRICE}"
        is_cut = f"(SELECT count(*) FROM (SELECT {newest}) listing) > {most}"  # noqa: S608  (likewise)
    else:
        source = _OF_SHELVES.format(branch=branch)
        shares = _SHARES.format(least=LEAST_SHARE, most=most, branch=branch)
        is_cut += f" OR {_SHELF_IS_CUT.format(branch=branch)}"
    return f"{shares} looked AS MATERIALIZED (SELECT {_LOOKED} {source}), cut AS (SELECT {is_cut} AS is_cut)"


def among_looked(wish: Wish, without: Collection[str] = (), *, most: int | None = None) -> str:
    """FROM and WHERE of those looked through that the filters leave; those named in `without` do not count."""
    looked = "looked" if most is None else f"(SELECT * FROM looked LIMIT {most})"  # noqa: S608  (likewise)
    shelf = "AND listing.category_id IN (SELECT id FROM branch)"
    is_elsewhere = wish.search and wish.category is not None and CATEGORY not in without
    return f"""
        FROM {looked} listing CROSS JOIN LATERAL (SELECT listing.from_minor) price
        WHERE true {shelf if is_elsewhere else ""} {conditions_on_listing(wish, without)}
              {conditions_on_price(wish, without)}
    """


def among_found(wish: Wish, columns: str, *, order: str = "") -> str:
    """FROM and WHERE of those among the found that the filters leave, for these columns of `found`, `price`, `listing`.

    The others are looked up one by one (LATERAL, LIMIT 1), never joined as a whole: the found are thousands, and those
    shown are few, in an order of `found` itself; and the listing is read only where it has a say.
    """
    filters = conditions_on_listing(wish)
    found = f"(SELECT * FROM found ORDER BY {order}) found" if order else "found"  # noqa: S608  (likewise)
    is_asked = bool(filters) or "listing." in columns
    shelf = "AND price.category_id IN (SELECT id FROM branch)" if wish.category is not None else ""
    return f"""
        FROM {found} {_ITS_PRICE} {_ITS_LISTING if is_asked else ""}
        WHERE true {shelf} {filters} {conditions_on_price(wish)}
    """


_ITS_PRICE = """
    CROSS JOIN LATERAL (
        SELECT * FROM catalog_productprice WHERE product_id = found.product_id AND currency = %(currency)s LIMIT 1
    ) price
"""
_ITS_LISTING = """
    CROSS JOIN LATERAL (SELECT * FROM catalog_listing WHERE product_id = found.product_id LIMIT 1) listing
"""
_NEWEST = "ORDER BY published_at DESC, product_id DESC"
_LOOKED = "listing.category_id, listing.tokens, listing.in_stock, price.from_minor"
_SHARES = "each AS (SELECT greatest({least}, {most} / greatest(1, count(*))) AS number FROM {branch}),"
_OF_SHELVES = f"""
    FROM {{branch}} shelf CROSS JOIN LATERAL (
        SELECT * FROM catalog_listing WHERE category_id = shelf.id {_NEWEST} LIMIT (SELECT number FROM each)
    ) listing {WITH_PRICE}
"""  # noqa: S608  (likewise)
_SHELF_IS_CUT = """EXISTS (
    SELECT FROM {branch} shelf JOIN catalog_category USING (id) WHERE product_count > (SELECT number FROM each)
)"""
