"""Where categories stand: moves that keep them one tree, and the order of siblings.

Every change of a category begins by `lock_tree`, so they queue, which staff's rare acts may: what is judged then (below
itself? too deep? which versions?) still holds when it is written. The database refuses a circle from anyone else.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, Invalid
from ecommerce.kernel.events import publish
from modules.catalog.events import CategoryChanged
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.editions import begin_change
from modules.catalog.models import Category

MOST_LEVELS = 10


class CategoryCycle(Conflict):
    """A category cannot stand below itself."""

    code = "category_cycle"


class CategoryTooDeep(Conflict):
    """The tree would be deeper than shoppers can follow."""

    # details: `most_levels`
    code = "category_too_deep"


class UnknownParent(Invalid):
    """There is no such category to stand below."""

    code = "unknown_parent"


class UnknownSibling(Invalid):
    """There is no such other category to stand beside."""

    code = "unknown_sibling"


class Place(NamedTuple):
    """Below which category (None: a root), and where among its siblings."""

    parent_id: UUID | None
    position: int


def lock_tree() -> None:
    """Let nobody else change a category until this transaction ends."""
    execute("SELECT pg_advisory_xact_lock(hashtext('catalog_category'))")


def check_move(*, category_id: UUID, parent_id: UUID | None) -> None:
    """Refuse a place below itself, one too deep for it and all that is below it, and one that is not there."""
    if parent_id is None:
        return
    [(levels_above, is_below_itself, height)] = fetch(_MOVE, {"id": category_id, "parent_id": parent_id})
    if levels_above is None:
        raise UnknownParent(errors=[_error("parent_id", UnknownParent)])
    if is_below_itself:
        raise CategoryCycle
    if levels_above + height > MOST_LEVELS:
        raise CategoryTooDeep(most_levels=MOST_LEVELS)


def make_room(*, category_id: UUID, before: UUID | None = None, after: UUID | None = None) -> Place:
    """The place before or after that sibling-to-be, whose other siblings move up; refuses one that is not there."""
    name, sibling_id = ("before", before) if before else ("after", after)
    rows = fetch(_SIBLINGS, {"id": category_id, "sibling_id": sibling_id})
    order = [row[0] for row in rows]
    if sibling_id not in order:
        raise UnknownSibling(errors=[_error(name, UnknownSibling)])
    order.insert(order.index(sibling_id) + (name == "after"), category_id)
    _number({one: position for position, one in enumerate(order) if one != category_id}, also=category_id)
    return Place(rows[0][1], order.index(category_id))


def arrange(*, ids: list[UUID]) -> None:
    """Put these categories into this order: siblings among them change places with each other only. Repeatable."""
    with atomic(Category):
        lock_tree()
        rank = {category_id: number for number, category_id in enumerate(ids)}
        places: dict[UUID, int] = {}
        for siblings in _families():
            wanted = iter(sorted((one for one in siblings if one in rank), key=rank.__getitem__))
            order = [next(wanted) if one in rank else one for one in siblings]
            if order != siblings:
                places |= {one: position for position, one in enumerate(order)}
        _number(places)


def announce(category_ids: Iterable[UUID]) -> None:
    """Say that these were changed, in the transaction that did."""
    begin_change()
    for category_id in category_ids:
        publish(CategoryChanged(category_id=category_id))


def _families() -> list[list[UUID]]:
    rows = fetch("SELECT parent_id, id FROM catalog_category ORDER BY parent_id, position, name, id")
    return [[row[1] for row in family] for _, family in groupby(rows, key=lambda row: row[0])]


def _number(places: Mapping[UUID, int], also: UUID | None = None) -> None:
    """Give siblings their positions; one whose position changes is at another version."""
    # In one order for everyone: a product that moves counts on two categories, and locks them in the order of ids.
    ids = [*places, *([also] if also else [])]
    fetch("SELECT FROM catalog_category WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
    announce(row[0] for row in fetch(_NUMBER, [list(places), list(places.values())]))


def _error(field: str, refusal: type[Invalid]) -> dict[str, str]:
    return {"field": field, "code": refusal.code, "detail": refusal.__doc__ or ""}


# Of the row of catalog_category that is asked for: what brings the tree into its order, a parent before what is below.
# Each level's position, name and id, from the root down; so many parts a level.
PARTS_OF_A_PATH = 3
PATH = """(
    WITH RECURSIVE up AS (
        SELECT id, parent_id, position, name, 0 AS height FROM catalog_category itself
        WHERE itself.id = catalog_category.id
        UNION ALL
        SELECT above.id, above.parent_id, above.position, above.name, height + 1
        FROM catalog_category above JOIN up ON above.id = up.parent_id
    )
    SELECT array_agg(word ORDER BY height DESC, number)
    FROM up, unnest(ARRAY[lpad(position::text, 10, '0'), name, id::text]) WITH ORDINALITY AS part (word, number)
)"""
# Levels down to the new parent, with it; whether the category is among them; levels of the category's own branch.
_MOVE = """
    WITH RECURSIVE up AS (
        SELECT id, parent_id, 1 AS level FROM catalog_category WHERE id = %(parent_id)s
        UNION ALL
        SELECT above.id, above.parent_id, level + 1 FROM catalog_category above JOIN up ON above.id = up.parent_id
    ), down AS (
        SELECT %(id)s::uuid AS id, 1 AS level
        UNION ALL
        SELECT below.id, level + 1 FROM catalog_category below JOIN down ON below.parent_id = down.id
    )
    SELECT max(level), bool_or(id = %(id)s::uuid), (SELECT max(level) FROM down) FROM up
"""
_SIBLINGS = """
    SELECT id, parent_id FROM catalog_category
    WHERE id <> %(id)s
      AND parent_id IS NOT DISTINCT FROM (SELECT parent_id FROM catalog_category WHERE id = %(sibling_id)s)
    ORDER BY position, name, id
"""
_NUMBER = """
    UPDATE catalog_category category SET position = placed.position, version = version + 1
    FROM unnest(%s::uuid[], %s::int[]) AS placed (id, position)
    WHERE category.id = placed.id AND category.position <> placed.position
    RETURNING category.id
"""
