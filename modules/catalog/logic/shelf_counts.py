"""The shelves beside and below the one that is looked at, and how many products of a wish stand on each."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from modules.catalog.logic.database import fetch
from modules.catalog.logic.hits import among_looked, looked_through, priced
from modules.catalog.logic.translations import names_in
from modules.catalog.logic.wishes import CATEGORY, ROOT, Wish, conditions_on_listing, parameters_of

# Of prices alone so many are counted, and so many for each shelf, however many share them.
MOST_PRICES, LEAST_PRICES = 5000, 200


class CategoryCount(msgspec.Struct, frozen=True):
    """A category and how many products of the wish are in it or below it."""

    id: UUID
    slug: str
    name: str
    count: int


def count_shelves(
    wish: Wish, *, most: int, found: Mapping[UUID, int] | None = None
) -> tuple[list[CategoryCount], bool]:
    """The categories beside the asked one (itself too) and below it, or the roots; and whether the counts are exact.

    Where no filter asks the listings, the shelves share 5,000 prices; else `most` products are looked through; of a
    search the counts by category are given, as `found`. What is empty is left out.
    """
    parameters = parameters_of(wish) | {"most": MOST_PRICES, "least": LEAST_PRICES}
    asked = ROOT if wish.category is not None else "SELECT NULL::uuid AS id"
    offered = _OFFERED.format(asked=asked, names=names_in(wish.language))
    if found is not None:
        parameters |= {"ids": list(found), "numbers": list(found.values())}
        sql = f"WITH RECURSIVE {offered} {_OF_FOUND}"
    elif conditions_on_listing(wish):
        looked = looked_through(wish, most=most, branch="(SELECT DISTINCT id FROM under)")
        sql = f"WITH RECURSIVE {offered}, {looked} {_OF_LOOKED.format(hits=among_looked(wish, (CATEGORY,)))}"
    else:
        # The share is a scalar, so that each shelf stops there.
        limit, below = "(SELECT number FROM share) + 1", "(SELECT id FROM under WHERE top = offered.id)"
        sql = f"WITH RECURSIVE {offered} {_OF_ALL.format(hits=priced(wish, limit=limit, branch=below))}"
    counted = fetch(sql, parameters)
    return [CategoryCount(*row[:4]) for row in counted if row[3]], not any(row[4] for row in counted)


_OFFERED = """
    asked AS ({asked}),
    offered AS (
        SELECT category.id, category.slug, {names.category} AS name, category.position
        FROM catalog_category category CROSS JOIN asked {names.of_categories}
        WHERE category.parent_id = asked.id
           OR category.parent_id IS NOT DISTINCT FROM (
               SELECT parent_id FROM catalog_category own WHERE own.id = asked.id
           )
    ), under (top, id) AS (
        SELECT id, id FROM offered
        UNION ALL
        SELECT under.top, below.id FROM catalog_category below JOIN under ON below.parent_id = under.id
    ), share AS (SELECT greatest(%(least)s, %(most)s / greatest(1, (SELECT count(*) FROM offered))) AS number)
"""
# Each shelf with its hits, and whether there may be more.
_OF_ALL = """
    SELECT offered.id, offered.slug, offered.name, least(counted.number, share.number), counted.number > share.number
    FROM offered CROSS JOIN share CROSS JOIN LATERAL (SELECT count(*) AS number FROM ({hits}) hit) counted
    ORDER BY offered.position, offered.name, offered.id
"""
_OF_LOOKED = """
    , counted AS (SELECT listing.category_id AS id, count(*) AS number {hits} GROUP BY 1)
    SELECT offered.id, offered.slug, offered.name, sum(counted.number)::bigint, (SELECT is_cut FROM cut)
    FROM offered JOIN under ON under.top = offered.id JOIN counted ON counted.id = under.id
    GROUP BY offered.id, offered.slug, offered.name, offered.position
    ORDER BY offered.position, offered.name, offered.id
"""
_OF_FOUND = """
    SELECT offered.id, offered.slug, offered.name, sum(counted.number)::bigint, false
    FROM offered JOIN under ON under.top = offered.id
    JOIN unnest(%(ids)s::uuid[], %(numbers)s::bigint[]) counted (id, number) ON counted.id = under.id
    GROUP BY offered.id, offered.slug, offered.name, offered.position
    ORDER BY offered.position, offered.name, offered.id
"""
