"""The words that the documents hold: learnt when a product is saved, counted from time to time."""

from collections.abc import Sequence
from uuid import UUID

from ecommerce.kernel.db import atomic
from modules.catalog.logic.database import execute
from modules.catalog.models import SearchWord


def learn_words(product_ids: Sequence[UUID]) -> None:
    """Add the words of these products' documents that nobody sees yet.

    Nothing here is unique, so nobody waits for another's transaction: a word that two add at once stands there twice
    until the next count.
    """
    execute(_LEARN, [list(product_ids)])


def count_words() -> int:
    """Count anew in how many documents each word is, and forget those that are in none; how many there are.

    Readers see the old figures until it is done. A word that is learnt meanwhile stays, perhaps beside its own figure.
    """
    with atomic(SearchWord):
        execute("DELETE FROM catalog_searchword")
        return execute(_COUNT)


_COUNTED = """
    SELECT CASE WHEN lexeme LIKE 'A:%%' THEN substr(lexeme, 3) ELSE lexeme END AS word,
           coalesce(sum(number) FILTER (WHERE lexeme NOT LIKE 'A:%%'), 0) AS documents,
           coalesce(sum(number) FILTER (WHERE lexeme LIKE 'A:%%'), 0) AS titles
    FROM counted WHERE lexeme NOT LIKE ALL ('{B:%%,P:%%}') GROUP BY 1
"""
_LEARN = f"""
    WITH counted AS (
        SELECT lexeme, count(*) AS number
        FROM catalog_searchdocument document CROSS JOIN LATERAL unnest(document.document)
        WHERE document.product_id = ANY(%s)
        GROUP BY lexeme
    )
    INSERT INTO catalog_searchword (word, documents, titles)
    SELECT word, documents, titles FROM ({_COUNTED}) fresh
    WHERE NOT EXISTS (
        SELECT FROM catalog_searchword known
        WHERE known.word = fresh.word AND (known.titles > 0 OR fresh.titles = 0)
    )
"""  # noqa: S608  (this file's own fragment; every value is a parameter)
_COUNT = f"""
    WITH counted AS (
        SELECT word AS lexeme, ndoc AS number FROM ts_stat('SELECT document FROM catalog_searchdocument')
    )
    INSERT INTO catalog_searchword (word, documents, titles) SELECT word, documents, titles FROM ({_COUNTED}) fresh
"""  # noqa: S608  (this file's own fragment)
