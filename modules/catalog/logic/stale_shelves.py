"""Categories renamed or moved: what stands on them is found by the new names a minute later, batch by batch."""

from datetime import timedelta
from uuid import UUID

import structlog

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.documents import refresh_documents
from modules.catalog.logic.editions import begin_change
from modules.catalog.logic.edits import lock_products
from modules.catalog.models import Product

BATCH, MOST_AT_ONCE = 100, 1000
# Who is just publishing a product may have read the old names, and nobody sees it before it is there: so long after the
# change every such transaction has ended.
PATIENCE = timedelta(minutes=1)
# A sweep leaves the worker to others after so long.
SWEEP = timedelta(seconds=10)

log = structlog.get_logger(__name__)


def mark_stale(category_id: UUID) -> None:
    """In the transaction that changes a category's names or its place: what stands on it and below will be found by
    what it is called from now on. Costs one statement, however much that is, and waits for nobody."""
    execute(_MARK, {"id": category_id, "now": clock.now()})


def refresh_stale() -> int:
    """Write the documents of these shelves, for ten seconds at most; how many products were looked at.

    Killed anywhere it goes on with the batch it was at; two at once take different shelves; one that cannot be written
    keeps no other waiting.
    """
    began, seen = clock.now(), 0
    for (mark_id,) in fetch(_DUE, [began - PATIENCE, MOST_AT_ONCE]):
        try:
            while (batch := _refresh_batch(mark_id)) is not None:
                seen += batch
                if clock.now() > began + SWEEP:
                    return seen
        except Exception:  # whatever is wrong with one, the next is another
            log.exception("a shelf's documents were not written", mark_id=mark_id)
    return seen


def _refresh_batch(mark_id: int) -> int | None:
    with atomic(Product):
        marks = fetch(_CLAIM, [mark_id])
        if not marks:
            return None
        [(category_id, published_at, product_id, is_marked_again)] = marks
        where = {"category_id": category_id, "at": published_at, "id": product_id, "limit": BATCH}
        listed = [] if is_marked_again else fetch(_LISTED, where)
        if listed:
            _refresh([row[1] for row in listed])
        if len(listed) < BATCH:
            execute("DELETE FROM catalog_staleshelf WHERE id = %s", [mark_id])
        else:
            execute(_REACHED, [*listed[-1], mark_id])
    return len(listed)


def _refresh(product_ids: list[UUID]) -> None:
    # Who edits one has written its document, or will do so with the new names.
    lock_products(product_ids)
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
_DUE = "SELECT id FROM catalog_staleshelf WHERE changed_at <= %s ORDER BY id LIMIT %s"
# One that was marked again is done then.
_CLAIM = """
    SELECT category_id, published_at, product_id, EXISTS (
        SELECT FROM catalog_staleshelf later WHERE later.category_id = mark.category_id AND later.id > mark.id
    )
    FROM catalog_staleshelf mark WHERE id = %s FOR UPDATE SKIP LOCKED
"""
_LISTED = """
    SELECT published_at, product_id FROM catalog_listing
    WHERE category_id = %(category_id)s
      AND (published_at, product_id) > (
          coalesce(%(at)s::timestamptz, '-infinity'), coalesce(%(id)s::uuid, '00000000-0000-0000-0000-000000000000')
      )
    ORDER BY published_at, product_id LIMIT %(limit)s
"""
_REACHED = "UPDATE catalog_staleshelf SET published_at = %s, product_id = %s WHERE id = %s"
