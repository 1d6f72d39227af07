"""What a product is found by, derived from its words anew: in the transaction that changed it, under its lock."""

from collections.abc import Sequence
from uuid import UUID

from modules.catalog.logic.database import execute
from modules.catalog.logic.languages import PLAIN, configurations, own_configuration
from modules.catalog.logic.words import learn_words

# Longer lexemes are no words; what stands further back in a description is not found.
LONGEST_LEXEME, LONGEST_TEXT = 100, 50_000


def refresh_documents(product_ids: Sequence[UUID]) -> bool:
    """Let these products be found by the words they have now; those that are not listed are found no more. Whether any
    is found by something else than before.

    Repeatable; the products' listings are up to date already. A document that would not change is not written.
    """
    languages = configurations()
    values = {
        "ids": list(product_ids),
        "own": own_configuration(),
        "plain": PLAIN,
        "codes": list(languages),
        "configurations": list(languages.values()),
        "longest_text": LONGEST_TEXT,
        "longest": LONGEST_LEXEME,
    }
    dropped, written = execute(_DROP, values), execute(_WRITE, values)
    if written:
        learn_words(product_ids)
    return bool(dropped or written)


_DROP = """
    DELETE FROM catalog_searchdocument document
    WHERE document.product_id = ANY(%(ids)s)
      AND NOT EXISTS (SELECT FROM catalog_listing listing WHERE listing.product_id = document.product_id)
"""
# What nobody bought yet takes its chance: a quarter of it passes for a little more popular, a quarter of that for more.
_LEVEL = """CASE WHEN popularity > 0 THEN 5 + floor(log(4, popularity))::int
    ELSE least(4, floor(-ln(((hashtext(id::text) & 65535) + 1) / 65537.0) / ln(4)))::int END"""
_WRITE = f"""
    WITH RECURSIVE chosen AS (
        SELECT product.id, product.title, left(product.description, %(longest_text)s) AS description,
               product.options, listing.popularity, listing.category_id, listing.tokens
        FROM catalog_listing listing JOIN catalog_product product ON product.id = listing.product_id
        WHERE listing.product_id = ANY(%(ids)s)
    ), language (code, configuration) AS (
        SELECT * FROM unnest(%(codes)s::text[], %(configurations)s::text[]::regconfig[])
    ), translation AS (
        SELECT translation.product_id, language.configuration, translation.title,
               left(translation.description, %(longest_text)s) AS description
        FROM catalog_producttranslation translation JOIN language ON language.code = translation.language
        WHERE translation.product_id = ANY(%(ids)s)
    ), above (shelf_id, id) AS (
        SELECT DISTINCT category_id, category_id FROM chosen
        UNION
        SELECT above.shelf_id, category.parent_id
        FROM above JOIN catalog_category category ON category.id = above.id
        WHERE category.parent_id IS NOT NULL
    ), shelf (id, configuration, name) AS (
        SELECT above.shelf_id, %(own)s::regconfig, category.name
        FROM above JOIN catalog_category category ON category.id = above.id
        UNION ALL
        SELECT above.shelf_id, language.configuration, translation.name
        FROM above
        JOIN catalog_categorytranslation translation ON translation.category_id = above.id
        JOIN language ON language.code = translation.language
    ), said (product_id, class, configuration, words) AS (
        SELECT id, 'A', %(own)s::regconfig, title FROM chosen
        UNION ALL SELECT id, 'A', %(plain)s, title FROM chosen
        UNION ALL SELECT product_id, 'A', configuration, title FROM translation
        UNION ALL SELECT product_id, 'A', %(plain)s, title FROM translation
        UNION ALL SELECT id, 'B', %(own)s, substr(token, strpos(token, '=') + 1) FROM chosen, unnest(tokens) token
                  WHERE token !~ '=(true|false)$'
        UNION ALL SELECT id, 'B', %(plain)s, substr(token, strpos(token, '=') + 1) FROM chosen, unnest(tokens) token
                  WHERE token !~ '=(true|false)$'
        UNION ALL SELECT chosen.id, 'B', shelf.configuration, shelf.name
                  FROM chosen JOIN shelf ON shelf.id = chosen.category_id
        UNION ALL SELECT chosen.id, 'B', %(plain)s, shelf.name FROM chosen JOIN shelf ON shelf.id = chosen.category_id
        UNION ALL SELECT id, 'C', %(own)s, description FROM chosen
        UNION ALL SELECT product_id, 'C', configuration, description FROM translation
    ), word AS (
        SELECT DISTINCT product_id, class, lexeme
        FROM said CROSS JOIN LATERAL unnest(to_tsvector(said.configuration, said.words))
        WHERE length(lexeme) <= %(longest)s
    ), lexeme (product_id, lexeme) AS (
        SELECT product_id, lexeme FROM word
        UNION ALL SELECT product_id, 'A:' || lexeme FROM word WHERE class = 'A'
        UNION ALL SELECT product_id, 'B:' || lexeme FROM word WHERE class <= 'B'
        UNION ALL SELECT id, 'P:' || repeat('.', 2000) FROM chosen
        UNION ALL SELECT id, 'T:' || level FROM chosen, generate_series(0, {_LEVEL}) level
        UNION ALL
        SELECT chosen.id, 'O:' || part.code || '=' || left(coalesce(
                   (SELECT name FROM jsonb_array_elements_text(chosen.options) name
                    WHERE trim(BOTH '-' FROM regexp_replace(lower(name), '[^[:alnum:]]+', '-', 'g')) = part.code
                     LIMIT 1),
                   initcap(translate(part.code, '_-', '  '))
               ), %(longest)s)
        FROM chosen CROSS JOIN LATERAL (
            SELECT DISTINCT left(split_part(token, '=', 1), %(longest)s) FROM unnest(chosen.tokens) token
        ) part (code)
    )
    INSERT INTO catalog_searchdocument AS old (product_id, popularity, document)
    SELECT chosen.id, chosen.popularity, array_to_tsvector(array_agg(DISTINCT lexeme.lexeme))
    FROM chosen JOIN lexeme ON lexeme.product_id = chosen.id
    GROUP BY chosen.id, chosen.popularity
    ORDER BY chosen.id
    ON CONFLICT (product_id) DO UPDATE SET popularity = EXCLUDED.popularity, document = EXCLUDED.document
    WHERE old.popularity <> EXCLUDED.popularity OR old.document <> EXCLUDED.document
"""  # noqa: S608  (this file's own fragment; every value is a parameter)
