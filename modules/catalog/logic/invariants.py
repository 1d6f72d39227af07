"""What must hold in catalog's tables; `manage.py check_invariants` asks."""

from ecommerce.kernel.registry import Invariant
from modules.catalog.logic.levels import AVAILABLE


def _invariant(name: str, sql: str) -> Invariant:
    return Invariant(module="catalog", name=name, sql=sql)


INVARIANTS = [
    _invariant(
        "what is on hand is the sum of the journal",
        """
        SELECT level.id, level.variant_id, level.on_hand, coalesce(moved.total, 0) AS journal
        FROM catalog_stocklevel level
        LEFT JOIN (SELECT level_id, sum(delta) AS total FROM catalog_stockmovement GROUP BY level_id) moved
            ON moved.level_id = level.id
        WHERE level.on_hand <> coalesce(moved.total, 0)
        """,
    ),
    _invariant(
        "what is held is the sum of the open holds",
        """
        SELECT level.id, level.variant_id, level.held, coalesce(open.total, 0) AS holds
        FROM catalog_stocklevel level
        LEFT JOIN (
            SELECT line.level_id, sum(line.quantity) AS total
            FROM catalog_stockholdline line JOIN catalog_stockhold hold ON hold.id = line.hold_id
            WHERE hold.status = 'held' GROUP BY line.level_id
        ) open ON open.level_id = level.id
        WHERE level.held <> coalesce(open.total, 0)
        """,
    ),
    _invariant(
        "a hold is sold in the journal when it is committed, and only then",
        """
        SELECT hold.order_id, hold.status, line.level_id, line.quantity, -moved.delta AS sold
        FROM catalog_stockholdline line
        JOIN catalog_stockhold hold ON hold.id = line.hold_id
        LEFT JOIN catalog_stockmovement moved
            ON moved.reference = hold.order_id AND moved.level_id = line.level_id AND moved.kind = 'sold'
        WHERE coalesce(-moved.delta, 0) <> CASE hold.status WHEN 'committed' THEN line.quantity ELSE 0 END
        """,
    ),
    _invariant(
        "each sale in the journal belongs to a hold",
        """
        SELECT moved.id, moved.reference, moved.delta
        FROM catalog_stockmovement moved
        WHERE moved.kind = 'sold' AND NOT EXISTS (
            SELECT FROM catalog_stockhold hold JOIN catalog_stockholdline line ON line.hold_id = hold.id
            WHERE hold.order_id = moved.reference AND line.level_id = moved.level_id
        )
        """,
    ),
    _invariant(
        "a product's price is the lowest of its variants'",
        """
        SELECT coalesce(kept.product_id, lowest.product_id) AS product_id,
               coalesce(kept.currency, lowest.currency) AS currency, kept.from_minor, lowest.minor
        FROM catalog_productprice kept
        FULL JOIN (
            SELECT variant.product_id, price.currency, min(price.amount_minor) AS minor
            FROM catalog_price price
            JOIN catalog_variant variant ON variant.id = price.variant_id AND variant.archived_at IS NULL
            JOIN catalog_product product ON product.id = variant.product_id AND product.status = 'published'
            GROUP BY variant.product_id, price.currency
        ) lowest ON lowest.product_id = kept.product_id AND lowest.currency = kept.currency
        WHERE kept.from_minor IS DISTINCT FROM lowest.minor
        """,
    ),
    _invariant(
        "the price in force is what the regular price, the sale and its period say",
        # A few minutes are left to whoever flips.
        """
        SELECT id, variant_id, currency, amount_minor, compare_at_minor, changes_at
        FROM catalog_price
        WHERE changes_at < now() - interval '5 minutes'
           OR (changes_at IS NULL OR changes_at >= now()) AND (amount_minor, compare_at_minor, changes_at)
               IS DISTINCT FROM CASE
                   WHEN sale_minor IS NULL OR sale_ends_at <= now()
                       THEN (regular_minor, NULL::bigint, NULL::timestamptz)
                   WHEN sale_starts_at > now() THEN (regular_minor, NULL::bigint, sale_starts_at)
                   ELSE (sale_minor, regular_minor, sale_ends_at)
               END
        """,
    ),
    _invariant(
        "the last change in a price's history is the price in force",
        """
        SELECT price.id, price.variant_id, price.currency, price.amount_minor, last.amount_minor AS last_change
        FROM (
            SELECT DISTINCT ON (variant_id, currency) variant_id, currency, amount_minor
            FROM catalog_pricechange ORDER BY variant_id, currency, at DESC
        ) last
        JOIN catalog_price price ON price.variant_id = last.variant_id AND price.currency = last.currency
        WHERE price.amount_minor <> last.amount_minor
        """,
    ),
    _invariant(
        "a product's reduction is that of a variant at its price",
        """
        SELECT kept.product_id, kept.currency, kept.from_minor, kept.compare_at_minor, kept.lowest_minor
        FROM catalog_productprice kept
        WHERE NOT EXISTS (
            SELECT FROM catalog_variant variant JOIN catalog_price price ON price.variant_id = variant.id
            WHERE variant.product_id = kept.product_id AND variant.archived_at IS NULL
              AND price.currency = kept.currency AND price.amount_minor = kept.from_minor
              AND (price.compare_at_minor, price.lowest_minor)
                  IS NOT DISTINCT FROM (kept.compare_at_minor, kept.lowest_minor)
        )
        """,
    ),
    _invariant(
        "a product is listed as it is, while it is published",
        f"""
        SELECT product.id, product.slug, product.status, listing.product_id IS NOT NULL AS listed, listing.in_stock
        FROM catalog_product product FULL JOIN catalog_listing listing ON listing.product_id = product.id
        WHERE (product.status = 'published') <> (listing.product_id IS NOT NULL)
           OR (listing.product_id IS NOT NULL
               AND (listing.category_id, listing.title, listing.published_at)
                   IS DISTINCT FROM (product.category_id, product.title, product.published_at))
           OR listing.in_stock <> EXISTS (
               SELECT FROM catalog_variant variant
               WHERE variant.product_id = product.id AND variant.archived_at IS NULL AND {AVAILABLE} > 0
           )
        """,  # noqa: S608  (only this module's own fragment)
    ),
    _invariant(
        "a category counts the published products that stand on it",
        """
        SELECT category.id, category.slug, category.product_count, coalesce(shown.number, 0) AS published
        FROM catalog_category category
        LEFT JOIN (
            SELECT category_id, count(*) AS number FROM catalog_product WHERE status = 'published' GROUP BY category_id
        ) shown ON shown.category_id = category.id
        WHERE category.product_count <> coalesce(shown.number, 0)
        """,
    ),
    _invariant(
        "every category hangs from a root",
        """
        WITH RECURSIVE tree AS (
            SELECT id FROM catalog_category WHERE parent_id IS NULL
            UNION ALL
            SELECT below.id FROM catalog_category below JOIN tree ON below.parent_id = tree.id
        )
        SELECT id, slug FROM catalog_category WHERE id NOT IN (SELECT id FROM tree)
        """,
    ),
    _invariant(
        "a product's stars are those of its approved reviews",
        """
        SELECT product.id, product.slug, product.rating_sum, product.rating_count, given.stars, given.number
        FROM catalog_product product
        LEFT JOIN (
            SELECT product_id, sum(stars) AS stars, count(*) AS number
            FROM catalog_review WHERE status = 'approved' GROUP BY product_id
        ) given ON given.product_id = product.id
        WHERE (product.rating_sum, product.rating_count) <> (coalesce(given.stars, 0), coalesce(given.number, 0))
        """,
    ),
    _invariant(
        "a product with pictures of its own shows those that are ready",
        """
        SELECT product.id, product.slug, product.images, ready.images AS ready
        FROM catalog_product product
        JOIN (
            SELECT product_id, jsonb_agg(renditions || jsonb_build_object('alt', alt) ORDER BY position) AS images
            FROM catalog_productimage WHERE state = 'ready' GROUP BY product_id
        ) ready ON ready.product_id = product.id
        WHERE product.images <> ready.images
        """,
    ),
    _invariant(
        "a variant shows the pictures of it that are ready",
        """
        SELECT variant.id, variant.sku, variant.images, ready.images AS ready
        FROM catalog_variant variant
        JOIN (
            SELECT shown.variant_id, jsonb_agg(
                image.renditions || jsonb_build_object('alt', image.alt) ORDER BY image.position
            ) AS images
            FROM catalog_variantimage shown JOIN catalog_productimage image ON image.id = shown.image_id
            WHERE image.state = 'ready' GROUP BY shown.variant_id
        ) ready ON ready.variant_id = variant.id
        WHERE variant.images <> ready.images
        """,
    ),
    _invariant(
        "a category with a picture of its own shows the one that is ready",
        """
        SELECT category.id, category.slug, category.image, ready.renditions
        FROM catalog_category category
        JOIN catalog_categoryimage ready ON ready.category_id = category.id AND ready.state = 'ready'
        WHERE category.image <> ready.renditions #>> '{large,url}'
        """,
    ),
    _invariant(
        "a product's pictures stand one behind the other",
        """
        SELECT product_id, count(*) AS pictures, max(position) AS last
        FROM catalog_productimage GROUP BY product_id HAVING max(position) <> count(*) - 1
        """,
    ),
    _invariant(
        "a listing shows its product's average",
        """
        SELECT product.id, product.slug, product.rating_sum, product.rating_count, listing.rating
        FROM catalog_listing listing JOIN catalog_product product ON product.id = listing.product_id
        WHERE listing.rating <> coalesce(round(product.rating_sum::numeric / nullif(product.rating_count, 0), 2), 0)
        """,
    ),
]
