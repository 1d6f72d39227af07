"""Categories renamed or moved: what stands on them is found by the new names a minute later, batch by batch."""

from datetime import timedelta
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.documents import refresh_documents
from modules.catalog.logic.editions import begin_change
from modules.catalog.models import Product

BATCH = 100
# Who is just publishing a product may have read the old names, and nobody sees it before it is there: so long after the
# change every such transaction has ended.
PATIENCE = timedelta(minutes=1)
# A sweep leaves the worker to others after so long.
SWEEP = timedelta(seconds=10)


def mark_stale(category_id: UUID) -> None:
    """In the transaction that changes a category's names or its place: what stands on it and below will be found by
    what it is called from now on. Costs one statement, however much that is, and waits for nobody."""
    execute(_MARK, {"id": category_id, "now": clock.now()})


def refresh_stale() -> int:
    """Write the documents of these shelves, for ten seconds at most; how many products were looked at.

    Killed anywhere it goes on with the batch it was at; two at once take different shelves.
    """
    began, seen = clock.now(), 0
    while (batch := _refresh_batch()) is not None:
        seen += batch
        if clock.now() > began + SWEEP:
            break
    return seen


def _refresh_batch() -> int | None:
    with atomic(Product):
        shelves = fetch(_NEXT, [clock.now() - PATIENCE])
        if not shelves:
            return None
        [(shelf_id, category_id, published_at, product_id)] = shelves
        period = {"category_id": category_id, "at": published_at, "id": product_id, "limit": BATCH}
        listed = fetch(_LISTED, period)
        if listed:
            _refresh([row[1] for row in listed])
        if len(listed) < BATCH:
            execute("DELETE FROM catalog_staleshelf WHERE id = %s", [shelf_id])
        else:
            execute(_REACHED, [*listed[-1], shelf_id])
    return len(listed)


def _refresh(product_ids: list[UUID]) -> None:
    # Who edits one has written its document, or will do so with the new names.
    fetch("SELECT FROM catalog_product WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [product_ids])
    if refresh_documents(product_ids):
        begin_change()


_MARK = """
    WITH RECURSIVE down AS (
        SELECT %(id)s::uuid AS id
        UNION ALL
        SELECT below.id FROM catalog_category below JOIN down ON below.parent_id = down.id
    )
    INSERT INTO catalog_staleshelf (category_id, changed_at) SELECT id, %(now)s FROM down
"""
_NEXT = """
    SELECT id, category_id, published_at, product_id FROM catalog_staleshelf WHERE changed_at <= %s
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_LISTED = """
    SELECT published_at, product_id FROM catalog_listing
    WHERE category_id = %(category_id)s
      AND (%(id)s::uuid IS NULL OR (published_at, product_id) > (%(at)s::timestamptz, %(id)s::uuid))
    ORDER BY published_at, product_id LIMIT %(limit)s
"""
_REACHED = "UPDATE catalog_staleshelf SET published_at = %s, product_id = %s WHERE id = %s"
