"""The shelves of the shop and what stands on them."""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast
from uuid import UUID

import msgspec

from ecommerce.kernel.errors import NotFound
from modules.catalog.logic.category_slugs import BY_SLUG
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.images import absolute_url


class CategoryNotFound(NotFound):
    """There is no such category."""


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


def get_tree(*, language: str | None = None) -> list[CategoryNode]:
    """The whole tree by one statement, siblings by position and name; in that language, where there are words in it."""
    return _grow(fetch(_TREE, {"language": language}))


def get_category(*, slug: str, language: str | None = None) -> CategoryPage:
    """One category, by a slug it has or had (the page tells which); refuses one that never was. Reads its branch and
    its ancestors by one statement, nothing beside them.
    """
    rows = fetch(_BRANCH, {"slug": slug, "language": language})
    ancestors, branch = [row for row in rows if row[-1] < 0], [row for row in rows if row[-1] >= 0]
    if not branch:
        raise CategoryNotFound
    [node] = _grow(row[:-1] for row in branch)
    return CategoryPage(node, [CategoryLink(id=row[0], slug=row[2], name=row[3]) for row in ancestors])


def get_breadcrumb(category_id: UUID, language: str | None = None) -> list[CategoryLink]:
    """From the root down to this category."""
    rows = fetch(_BREADCRUMB, {"id": category_id, "language": language})
    return [CategoryLink(*row) for row in rows]


def find_id(slug: str) -> UUID | None:
    """The category of this slug, or the one that had it before."""
    [(category_id,)] = fetch(f"SELECT {BY_SLUG}", {"slug": slug})
    return cast(UUID | None, category_id)


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
    # As deep as the tree, which is never deeper than logic/tree.py allows.
    node.product_count += sum(_add_up(child) for child in node.children)
    return node.product_count


# A category's words in %(language)s, else its own.
NAME = "coalesce(nullif(words.name, ''), category.name)"
WORDS = """LEFT JOIN catalog_categorytranslation words
    ON words.category_id = category.id AND words.language = %(language)s"""
_COLUMNS = f"""category.id, category.parent_id, category.slug, {NAME} AS name,
    coalesce(nullif(words.description, ''), category.description), category.image, category.product_count"""
_TREE = f"""
    SELECT {_COLUMNS} FROM catalog_category category {WORDS}
    ORDER BY category.position, name, category.id
"""  # noqa: S608  (this file's own column names)
# Ancestors have a negative depth, the category itself 0.
_BRANCH = f"""
    WITH RECURSIVE up AS (
        SELECT id, parent_id, 0 AS depth FROM catalog_category WHERE id = {BY_SLUG}
        UNION ALL
        SELECT above.id, above.parent_id, depth - 1 FROM catalog_category above JOIN up ON above.id = up.parent_id
    ), down AS (
        SELECT id, depth FROM up WHERE depth = 0
        UNION ALL
        SELECT below.id, depth + 1 FROM catalog_category below JOIN down ON below.parent_id = down.id
    ), branch AS (
        SELECT id, depth FROM up WHERE depth < 0
        UNION ALL
        SELECT id, depth FROM down
    )
    SELECT {_COLUMNS}, branch.depth
    FROM branch JOIN catalog_category category ON category.id = branch.id {WORDS}
    ORDER BY branch.depth, category.position, name, category.id
"""  # noqa: S608  (only this module's own fragments; every value is a parameter)
_BREADCRUMB = f"""
    WITH RECURSIVE up AS (
        SELECT id, parent_id, 0 AS depth FROM catalog_category WHERE id = %(id)s
        UNION ALL
        SELECT above.id, above.parent_id, depth + 1 FROM catalog_category above JOIN up ON above.id = up.parent_id
    )
    SELECT category.id, category.slug, {NAME}
    FROM up JOIN catalog_category category ON category.id = up.id {WORDS}
    ORDER BY up.depth DESC
"""  # noqa: S608  (only this module's own fragments; every value is a parameter)
