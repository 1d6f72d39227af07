"""The products that a wish leaves: the best of those found, or so many of the shop's or a branch's."""

from collections.abc import Collection

from modules.catalog.logic.wishes import CATEGORY, Wish, conditions_on_listing, conditions_on_price


def rows(wish: Wish, columns: str, *, limit: int | str, without: Collection[str] = (), branch: str = "branch") -> str:
    """A SELECT of these columns of at most so many hits, whichever; the filters named in `without` do not count.

    `branch` is the relation of the categories that are looked through, each by its own index, one after the other. The
    columns name `price` and `listing`; where they and the filters need no listing, the index of prices alone is read.
    """
    if wish.search:
        return f"SELECT {columns} {among_found(wish, columns, without)} LIMIT {limit}"
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


def among_found(wish: Wish, columns: str, without: Collection[str] = (), *, order: str = "") -> str:
    """FROM and WHERE of those among the found that the filters leave, for these columns of `found`, `price`, `listing`.

    The found are thousands, and those shown are few: in an order of `found` itself the others are looked up one by one
    until there are enough; and the listing is read only where it has a say.
    """
    filters = conditions_on_listing(wish, without)
    found = f"(SELECT * FROM found ORDER BY {order}) found" if order else "found"  # noqa: S608  (likewise)
    listing = "JOIN catalog_listing listing ON listing.product_id = found.product_id"
    shelf = "" if wish.category is None or CATEGORY in without else "AND price.category_id IN (SELECT id FROM branch)"
    return f"""
        FROM {found}
        JOIN catalog_productprice price ON price.product_id = found.product_id AND price.currency = %(currency)s
        {listing if filters or "listing." in columns else ""}
        WHERE true {shelf} {filters} {conditions_on_price(wish, without)}
    """
