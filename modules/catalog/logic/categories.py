"""The shelves of the shop and what stands on them."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import NotFound
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.editions import begin_change
from modules.catalog.logic.images import absolute_url
from modules.catalog.models import Category


class CategoryLink(msgspec.Struct, frozen=True):
    """A category where it is only named: on a card, in a breadcrumb."""

    id: UUID
    slug: str
    name: str


class CategoryNode(msgspec.Struct):
    """A category with all that is below it; `product_count` counts published products down to the last shelf."""

    id: UUID
    slug: str
    name: str
    description: str
    image: str | None
    product_count: int
    children: list["CategoryNode"] = []


class CategoryPage(NamedTuple):
    """A category, the way down to it from its root, and what is below it."""

    node: CategoryNode
    ancestors: list[CategoryLink]


def get_tree() -> list[CategoryNode]:
    """The whole tree by one statement, siblings by position and name."""
    return _grow(fetch(_TREE))


def get_category(*, slug: str) -> CategoryPage:
    """One category; refuses a slug that is not there. Reads its branch and its ancestors, nothing beside them."""
    rows = fetch(_BRANCH, {"slug": slug})
    ancestors, branch = [row for row in rows if row[-1] < 0], [row for row in rows if row[-1] >= 0]
    if not branch:
        raise NotFound("There is no such category.")
    [node] = _grow(row[:-1] for row in branch)
    links = [CategoryLink(id=row[0], slug=row[2], name=row[3]) for row in sorted(ancestors, key=lambda row: row[-1])]
    return CategoryPage(node, links)


def get_breadcrumb(category_id: UUID) -> list[CategoryLink]:
    """From the root down to this category."""
    return [CategoryLink(*row) for row in fetch(_BREADCRUMB, [category_id])]


def save_category(category: Category) -> None:
    """Keep a new or changed category; its count is products' business. Repeatable."""
    fields = ["slug", "name", "description", "parent", "position", "image"]
    with atomic(Category):
        begin_change()
        category.save(update_fields=None if category._state.adding else fields)


def count_products(category_id: UUID, change: int) -> None:
    """So many published products came to this very category (or went); in the transaction that moved them."""
    execute("UPDATE catalog_category SET product_count = product_count + %s WHERE id = %s", [change, category_id])


def _grow(rows: Iterable[tuple[Any, ...]]) -> list[CategoryNode]:
    """The nodes that have no parent among the rows, with theirs below them, in the rows' order."""
    nodes: dict[UUID, CategoryNode] = {}
    above: dict[UUID, UUID | None] = {}
    for key, parent_id, slug, name, description, image, count in rows:
        nodes[key] = CategoryNode(key, slug, name, description, absolute_url(image) if image else None, count, [])
        above[key] = parent_id
    roots: list[CategoryNode] = []
    for key, node in nodes.items():
        parent = nodes.get(above[key] or key, node)
        (roots if parent is node else parent.children).append(node)
    for root in roots:
        _add_up(root)
    return roots


def _add_up(node: CategoryNode) -> int:
    node.product_count += sum(_add_up(child) for child in node.children)
    return node.product_count


_COLUMNS = "id, parent_id, slug, name, description, image, product_count"
_TREE = f"SELECT {_COLUMNS} FROM catalog_category ORDER BY position, name, id"  # noqa: S608  (this file's own column names)
# Ancestors have a negative depth, the category itself 0.
_BRANCH = f"""
    WITH RECURSIVE up AS (
        SELECT category.*, 0 AS depth FROM catalog_category category WHERE slug = %(slug)s
        UNION ALL
        SELECT above.*, depth - 1 FROM catalog_category above JOIN up ON above.id = up.parent_id
    ), down AS (
        SELECT * FROM up WHERE depth = 0
        UNION ALL
        SELECT below.*, depth + 1 FROM catalog_category below JOIN down ON below.parent_id = down.id
    )
    SELECT {_COLUMNS}, depth FROM up WHERE depth < 0
    UNION ALL
    (SELECT {_COLUMNS}, depth FROM down ORDER BY depth, position, name, id)
"""  # noqa: S608  (this file's own column names)
_BREADCRUMB = """
    WITH RECURSIVE up AS (
        SELECT id, parent_id, slug, name, 0 AS depth FROM catalog_category WHERE id = %s
        UNION ALL
        SELECT above.id, above.parent_id, above.slug, above.name, depth + 1
        FROM catalog_category above JOIN up ON above.id = up.parent_id
    )
    SELECT id, slug, name FROM up ORDER BY depth DESC
"""
