"""The shelves beside and below the one that is looked at, and how many products of a wish stand on each."""

from uuid import UUID

import msgspec

from modules.catalog.logic.database import fetch
from modules.catalog.logic.hits import rows
from modules.catalog.logic.wishes import CATEGORY, ROOT, Wish, expressions_of, parameters_of

# However many shelves share the hits that may be counted.
LEAST_HITS = 200


class CategoryCount(msgspec.Struct, frozen=True):
    """A category and how many products of the wish are in it or below it."""

    id: UUID
    slug: str
    name: str
    count: int


def count_shelves(wish: Wish, *, most: int) -> tuple[list[CategoryCount], bool]:
    """The categories beside the asked one (itself too) and below it, or the roots; and whether the counts are exact.

    The shelves share `most` hits: each is counted up to its share. What is empty is left out.
    """
    before = expressions_of(wish)
    names = f"{before}, " if before else "WITH RECURSIVE "
    parameters = parameters_of(wish) | {"most": most, "least": LEAST_HITS}
    if wish.search:
        sql = names + _OF_FOUND.format(
            offered=_OFFERED.format(asked=_asked(wish)),
            hits=rows(wish, "price.category_id", limit=most + 1, without=(CATEGORY,)),
        )
    else:
        # The share is a scalar, so that each shelf stops there.
        limit = "(SELECT number FROM share) + 1"
        one = rows(wish, "1", limit=limit, without=(CATEGORY,), branch="(SELECT id FROM under WHERE top = offered.id)")
        sql = names + _OF_ALL.format(offered=_OFFERED.format(asked=_asked(wish)), hits=one)
    counted = fetch(sql, parameters)
    shelves = [CategoryCount(row[0], row[1], row[2], min(row[3], row[4])) for row in counted if row[3]]
    return shelves, all(row[3] <= row[4] for row in counted)


def _asked(wish: Wish) -> str:
    return ROOT if wish.category is not None else "SELECT NULL::uuid AS id"


_OFFERED = """
    asked AS ({asked}),
    offered AS (
        SELECT category.* FROM catalog_category category, asked
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
_OF_ALL = """{offered}
    SELECT offered.id, offered.slug, offered.name, counted.number, share.number
    FROM offered CROSS JOIN share CROSS JOIN LATERAL (SELECT count(*) AS number FROM ({hits}) hit) counted
    ORDER BY offered.position, offered.name, offered.id
"""
_OF_FOUND = """{offered}, hit AS ({hits}), counted AS (
        SELECT under.top AS id, count(*) AS number FROM hit JOIN under ON under.id = hit.category_id GROUP BY under.top
    )
    SELECT offered.id, offered.slug, offered.name, counted.number, %(most)s
    FROM offered JOIN counted ON counted.id = offered.id
    ORDER BY offered.position, offered.name, offered.id
"""
