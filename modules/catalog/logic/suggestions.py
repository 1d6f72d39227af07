"""What a shopper may be about to type: categories and products by the words of their names."""

from typing import Any

import msgspec

from modules.catalog.logic.database import fetch
from modules.catalog.logic.images import Image, read_image
from modules.catalog.logic.languages import PLAIN
from modules.catalog.logic.questions import understand
from modules.catalog.logic.search import find_by_title, query_of_names
from modules.catalog.logic.translations import names_in

MOST, MOST_CATEGORIES = 8, 3


class Suggestion(msgspec.Struct, frozen=True):
    """Something that can be gone to."""

    type: str
    title: str
    slug: str
    image: Image | None


def suggest(text: str, *, language: str = "") -> list[Suggestion]:
    """At most 8, categories first, then products, the popular first; from the first letter on, slips forgiven. Found
    by their names in any language, and called as in the one asked for."""
    question = understand(text, in_titles=True)
    if not question.words:
        return []
    found = find_by_title(question, reach=MOST)
    values = found.parameters | {
        "plain": PLAIN,
        "most": MOST,
        "categories": MOST_CATEGORIES,
        "query": query_of_names(question),
        "language": language,
    }
    sql = _SUGGEST.format(expressions=found.expressions, names=names_in(language))
    return [_suggestion(row) for row in fetch(sql, values)][:MOST]


def _suggestion(row: tuple[Any, ...]) -> Suggestion:
    kind, title, slug, image = row
    return Suggestion(kind, title, slug, read_image(image))


# Categories are few: their names are read, and compared as the words of titles are.
_SUGGEST = """
    WITH {expressions}, shelf AS (
        SELECT {names.category} AS name, category.slug, category.position
        FROM catalog_category category {names.of_categories}
        WHERE to_tsvector(%(plain)s::regconfig, category.name) @@ %(query)s::tsquery
           OR EXISTS (
               SELECT FROM catalog_categorytranslation other
               WHERE other.category_id = category.id
                 AND to_tsvector(%(plain)s::regconfig, other.name) @@ %(query)s::tsquery
           )
        ORDER BY category.position, name, category.id
        LIMIT %(categories)s
    )
    (SELECT 'category', name, slug, NULL::jsonb FROM shelf ORDER BY position, name)
    UNION ALL
    (SELECT 'product', {names.product}, product.slug, product.images -> 0
     FROM found JOIN catalog_product product ON product.id = found.product_id {names.of_products}
     ORDER BY found.score DESC, product.id
     LIMIT %(most)s)
"""
