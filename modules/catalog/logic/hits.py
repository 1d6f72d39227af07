"""The products that a wish leaves: the best of those found, or so many of the shop's or a branch's."""

from collections.abc import Collection

from modules.catalog.logic.search import RANKED
from modules.catalog.logic.wishes import CATEGORY, Wish, conditions_on_listing, conditions_on_price


def ranking(wish: Wish) -> str:
    """The best of them: by what matched, the very title before others, then by how popular they are."""
    return f"""
        SELECT listing.product_id, listing.published_at, listing.title, listing.rating,
               price.from_minor, price.compare_at_minor, price.lowest_minor,
               (found.class * 2 + (lower(listing.title) = lower(%(text)s))::int)::bigint * 100000
               + least(99999, round(4000 * ln(listing.popularity + 1)))::bigint AS score
        {_among_found(wish)}
        ORDER BY score DESC, listing.product_id DESC
        LIMIT {RANKED}
    """


def rows(wish: Wish, columns: str, *, limit: int | str, without: Collection[str] = (), branch: str = "branch") -> str:
    """A SELECT of these columns of at most so many hits, whichever; the filters named in `without` do not count.

    `branch` is the relation of the categories that are looked through, each by its own index, one after the other. The
    columns name `price` and `listing`; where they and the filters need no listing, the index of prices alone is read.
    """
    if wish.search:
        return f"SELECT {columns} {_among_found(wish, without)} LIMIT {limit}"
    filters = conditions_on_listing(wish, without)
    needs_listing = bool(filters) or "listing." in columns
    table = "listing" if needs_listing else "price"
    tables = "catalog_productprice price"
    if needs_listing:
        tables = f"catalog_listing listing JOIN {tables} ON price.product_id = listing.product_id"
    where = f"WHERE price.currency = %(currency)s {filters} {conditions_on_price(wish, without)}"
    if branch == "branch" and (wish.category is None or CATEGORY in without):
        order = "listing.published_at DESC, listing.product_id DESC" if needs_listing else "price.from_minor"
        return f"SELECT {columns} FROM {tables} {where} ORDER BY {order} LIMIT {limit}"  # noqa: S608  (likewise)
    return f"""
        SELECT hit.* FROM {branch} shelf CROSS JOIN LATERAL (
            SELECT {columns} FROM {tables} {where} AND {table}.category_id = shelf.id LIMIT {limit}
        ) hit
        LIMIT {limit}
    """  # noqa: S608  (likewise)


def _among_found(wish: Wish, without: Collection[str] = ()) -> str:
    """FROM and WHERE of those among the found that the filters leave."""
    shelf = "" if wish.category is None or CATEGORY in without else "AND listing.category_id IN (SELECT id FROM branch)"
    return f"""
        FROM found
        JOIN catalog_listing listing ON listing.product_id = found.product_id
        JOIN catalog_productprice price ON price.product_id = found.product_id AND price.currency = %(currency)s
        WHERE true {shelf} {conditions_on_listing(wish, without)} {conditions_on_price(wish, without)}
    """
