"""What sells is found first: a product's popularity is how many units of it were sold in the last 90 days."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.edits import lock_products
from modules.catalog.logic.listings import show_popularity
from modules.catalog.models import Product

WINDOW = timedelta(days=90)
# A sale is dated a moment before its transaction ends; after so long every one has ended.
PATIENCE = timedelta(minutes=5)
BATCH = 100
# Before any sale.
THE_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def count_sales() -> int:
    """Add what was sold since the last count, take away what by now is older than 90 days; how many products changed.

    It costs what was sold, not what there is. Each sale is added once and taken away once, whoever is killed in
    between: the mark moves on in the transaction that counts. Returns are not taken off; what a product began with
    stays.
    """
    until, changed = clock.now() - PATIENCE, 0
    while (batch := _count_batch(until)) is not None:
        changed += batch
    return changed


def _count_batch(until: datetime) -> int | None:
    """The next few sales; None when all up to that instant are counted, or somebody else is at it."""
    with atomic(Product):
        execute(_BEGIN, [THE_BEGINNING])
        mark = fetch(_MARK)
        if not mark or mark[0][0] >= until:
            return None
        period = {"after": mark[0][0], "until": until, "window": WINDOW, "batch": BATCH}
        [(period["until"],)] = fetch(_REACH, period)
        changes = fetch(_CHANGES, period)
        if changes:
            _change([row[0] for row in changes], [row[1] for row in changes])
        execute("UPDATE catalog_salescount SET counted_until = %s", [period["until"]])
    return len(changes)


def _change(product_ids: list[UUID], units: list[int]) -> None:
    lock_products(product_ids)
    execute(_CHANGE, [product_ids, units])
    show_popularity(product_ids)


_BEGIN = "INSERT INTO catalog_salescount (id, counted_until) VALUES (1, %s) ON CONFLICT DO NOTHING"
_MARK = "SELECT counted_until FROM catalog_salescount FOR UPDATE SKIP LOCKED"
# Each sale counts twice: when it comes in and when it goes.
_COMING = "kind = 'sold' AND created_at > %(after)s AND created_at <= %(until)s"
_GOING = "kind = 'sold' AND created_at > %(after)s - %(window)s AND created_at <= %(until)s - %(window)s"
_REACH = f"""
    SELECT coalesce((
        SELECT at FROM (
            (SELECT created_at AS at FROM catalog_stockmovement WHERE {_COMING} ORDER BY created_at LIMIT %(batch)s)
            UNION ALL
            (SELECT created_at + %(window)s FROM catalog_stockmovement WHERE {_GOING}
             ORDER BY created_at LIMIT %(batch)s)
        ) told
        ORDER BY at OFFSET %(batch)s - 1 LIMIT 1
    ), %(until)s)
"""  # noqa: S608  (this file's own fragments; every value is a parameter)
_CHANGES = f"""
    SELECT variant.product_id, sum(told.units)
    FROM (
        SELECT level_id, -delta AS units FROM catalog_stockmovement WHERE {_COMING}
        UNION ALL
        SELECT level_id, delta FROM catalog_stockmovement WHERE {_GOING}
    ) told
    JOIN catalog_stocklevel level ON level.id = told.level_id
    JOIN catalog_variant variant ON variant.id = level.variant_id
    GROUP BY variant.product_id HAVING sum(told.units) <> 0
    ORDER BY variant.product_id
"""  # noqa: S608  (this file's own fragments; every value is a parameter)
_CHANGE = """
    UPDATE catalog_product product SET popularity = greatest(0, product.popularity + change.units)
    FROM unnest(%s::uuid[], %s::bigint[]) AS change (product_id, units) WHERE product.id = change.product_id
"""
