"""Drafts that are published at their time."""

from uuid import UUID

import structlog

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.catalog.logic.database import fetch
from modules.catalog.logic.edits import Edit
from modules.catalog.models import Product

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 1000


def publish_due() -> int:
    """Publish every draft whose time has come, each in a transaction of its own; how many there were. Repeatable, also
    at the same time; one that cannot be published keeps no other waiting."""
    published = 0
    for (product_id,) in fetch(_DUE, [clock.now(), MOST_AT_ONCE]):
        try:
            published += _publish(product_id)
        except Exception:  # whatever is wrong with one, the next is another
            log.exception("a draft was not published at its time", product_id=str(product_id))
    return published


def _publish(product_id: UUID) -> bool:
    with atomic(Product):
        # Who holds the lock publishes it already, or changes it: the next run sees what is left to do.
        locked = Product.objects.select_for_update(skip_locked=True)
        due = locked.filter(id=product_id, status=Product.Status.DRAFT, publish_at__lte=clock.now())
        product = due.order_by("id").first()
        if product is None:
            return False
        edit, since = Edit(product), product.publish_at
        edit.set(status=Product.Status.PUBLISHED)
        edit.settle_status(since=since)
        edit.finish()
    return True


_DUE = """
    SELECT id FROM catalog_product product
    WHERE publish_at <= %s AND EXISTS (
        SELECT FROM catalog_variant variant WHERE variant.product_id = product.id AND variant.archived_at IS NULL
    )
    ORDER BY publish_at, id LIMIT %s
"""
