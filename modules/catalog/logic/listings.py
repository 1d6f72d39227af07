"""What lists are read from, derived from the products anew: in the transaction that changed them, under their locks."""

from collections.abc import Collection, Sequence
from uuid import UUID

from ecommerce.kernel.ids import new_id
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.documents import refresh_documents
from modules.catalog.logic.editions import begin_change
from modules.catalog.logic.levels import AVAILABLE

# A longer text describes; nobody filters by it.
LONGEST_TOKEN = 100


def refresh_listings(product_ids: Sequence[UUID]) -> None:
    """List these products as they are now, at their lowest prices; those that are not published are listed no more.

    Their stock may change at the same time: whoever changes it and finds a listing waits for it in show_stock, as does
    this one, and only then reads the levels. Where there is no listing yet, nobody could wait for it: so the levels
    themselves are locked, and the variants, whose first level is perhaps just being made. A transaction that also
    changes levels does so before it comes here.
    """
    ids = sorted(product_ids)
    if fetch(_LOCK_VARIANTS, [ids]):
        fetch(_LOCK_LEVELS, [ids])
    fetch(_LOCK_LISTINGS, [ids])
    list_new(ids)


def list_new(product_ids: Sequence[UUID]) -> None:
    """The same for products that nobody else can see yet, without a lock."""
    ids = list(product_ids)
    if execute(_DROP, [ids]) + execute(_LIST, {"ids": ids, "longest": LONGEST_TOKEN}):
        begin_change()
    refresh_product_prices(ids)
    refresh_documents(ids)


def refresh_product_prices(product_ids: Sequence[UUID]) -> None:
    """Derive only the lowest prices anew."""
    ids = list(product_ids)
    rows = fetch(_LOWEST, [ids])
    execute(_DROP_PRICES, {"ids": ids, "products": [row[0] for row in rows], "currencies": [row[2] for row in rows]})
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        execute(_PRICE, [[new_id() for _ in rows], *columns])
        begin_change()


def show_stock(product_ids: Collection[UUID]) -> None:
    """Derive anew whether these products are in stock; the last thing a transaction locks.

    Two variants of one product may sell out at the same time, and neither transaction sees the other: so the listing is
    locked first, and read by a statement that begins when whoever held it is done.
    """
    if not product_ids:
        return
    begin_change()
    ids = sorted(product_ids)
    fetch(_LOCK_LISTINGS, [ids])
    execute(_STOCK, [ids])


def show_popularity(product_ids: Sequence[UUID]) -> None:
    """Let these products, which are locked, be found as their popularity says now."""
    ids = sorted(product_ids)
    fetch(_LOCK_LISTINGS, [ids])
    if execute(_POPULARITY, [ids]):
        begin_change()
        refresh_documents(ids)


_UNLISTED = """
    variant.product_id = ANY(%s)
    AND EXISTS (SELECT FROM catalog_product WHERE id = variant.product_id AND status = 'published')
    AND NOT EXISTS (SELECT FROM catalog_listing WHERE product_id = variant.product_id)
"""
# A level's foreign key wants a share of its variant, so this waits for a first level, and keeps the next one waiting.
_LOCK_VARIANTS = f"""
    SELECT FROM catalog_variant variant WHERE {_UNLISTED} ORDER BY variant.id FOR UPDATE
"""
_LOCK_LEVELS = f"""
    SELECT FROM catalog_stocklevel level JOIN catalog_variant variant ON variant.id = level.variant_id
    WHERE {_UNLISTED} ORDER BY level.id FOR UPDATE OF level
"""
_LOCK_LISTINGS = "SELECT FROM catalog_listing WHERE product_id = ANY(%s) ORDER BY product_id FOR UPDATE"
_DROP = """
    DELETE FROM catalog_listing listing USING catalog_product product
    WHERE listing.product_id = ANY(%s) AND product.id = listing.product_id AND product.status <> 'published'
"""
_IN_STOCK = f"""EXISTS (
    SELECT FROM catalog_variant variant
    WHERE variant.product_id = product.id AND variant.archived_at IS NULL AND {AVAILABLE} > 0
)"""
_LIST = f"""
    INSERT INTO catalog_listing (product_id, category_id, published_at, title, rating, popularity, in_stock, tokens)
    SELECT product.id, product.category_id, product.published_at, product.title,
           coalesce(round(product.rating_sum::numeric / nullif(product.rating_count, 0), 2), 0), product.popularity,
           {_IN_STOCK},
           ARRAY(
               SELECT attribute.key || '=' || word
               FROM jsonb_each(product.attributes) attribute, jsonb_array_elements_text(
                   CASE jsonb_typeof(attribute.value)
                       WHEN 'array' THEN attribute.value ELSE jsonb_build_array(attribute.value) END
               ) word
               WHERE length(word) <= %(longest)s
               UNION
               SELECT trim(BOTH '-' FROM regexp_replace(lower(key), '[^[:alnum:]]+', '-', 'g')) || '=' || value
               FROM catalog_variant variant, jsonb_each_text(variant.options)
               WHERE variant.product_id = product.id AND variant.archived_at IS NULL AND length(value) <= %(longest)s
               ORDER BY 1
           )
    FROM catalog_product product
    WHERE product.id = ANY(%(ids)s) AND product.status = 'published'
    ON CONFLICT (product_id) DO UPDATE
    SET category_id = EXCLUDED.category_id, published_at = EXCLUDED.published_at, title = EXCLUDED.title,
        rating = EXCLUDED.rating, popularity = EXCLUDED.popularity, in_stock = EXCLUDED.in_stock,
        tokens = EXCLUDED.tokens
"""  # noqa: S608  (only this module's own fragments; every value is a parameter)
_STOCK = f"""
    UPDATE catalog_listing listing SET in_stock = {_IN_STOCK}
    FROM catalog_product product
    WHERE product.id = ANY(%s) AND listing.product_id = product.id AND listing.in_stock <> {_IN_STOCK}
"""  # noqa: S608  (only this module's own fragment; every value is a parameter)
_POPULARITY = """
    UPDATE catalog_listing listing SET popularity = product.popularity FROM catalog_product product
    WHERE product.id = ANY(%s) AND listing.product_id = product.id AND listing.popularity <> product.popularity
"""
_LOWEST = """
    SELECT DISTINCT ON (product.id, price.currency)
           product.id, product.category_id, price.currency, price.amount_minor, price.compare_at_minor,
           price.lowest_minor
    FROM catalog_product product
    JOIN catalog_variant variant ON variant.product_id = product.id AND variant.archived_at IS NULL
    JOIN catalog_price price ON price.variant_id = variant.id
    WHERE product.id = ANY(%s) AND product.status = 'published'
    ORDER BY product.id, price.currency, price.amount_minor, price.compare_at_minor DESC NULLS LAST
"""
_DROP_PRICES = """
    DELETE FROM catalog_productprice
    WHERE product_id = ANY(%(ids)s)
      AND (product_id, currency) NOT IN (SELECT * FROM unnest(%(products)s::uuid[], %(currencies)s::text[]))
"""
_PRICE = """
    INSERT INTO catalog_productprice
        (id, product_id, category_id, currency, from_minor, compare_at_minor, lowest_minor)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[])
    ON CONFLICT (product_id, currency) DO UPDATE
    SET category_id = EXCLUDED.category_id, from_minor = EXCLUDED.from_minor,
        compare_at_minor = EXCLUDED.compare_at_minor, lowest_minor = EXCLUDED.lowest_minor
"""
