"""Sales begin and end: what is in force is derived anew when a price's time has come."""

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.catalog.logic.database import fetch
from modules.catalog.logic.listings import refresh_product_prices
from modules.catalog.logic.prices import Terms, put_in_force
from modules.catalog.models import Price

BATCH = 500


def flip_due() -> int:
    """Put in force what is due, a batch at a time; how many prices that were. Any number of it may run at once.

    After a time in which nobody flipped, a sale that is over by now is passed over: it was in force for nobody.
    """
    flipped = 0
    while number := _flip_batch():
        flipped += number
    return flipped


def _flip_batch() -> int:
    with atomic(Price):
        # Whoever holds a product derives its prices himself, or leaves them to the next sweep.
        price_ids = [row[0] for row in fetch(_LOCK, {"at": clock.now(), "limit": BATCH})]
        # Read by a statement that begins under the locks: somebody may have written a price just before, and then it is
        # put in force once more as it is.
        rows = fetch(_DUE, [price_ids])
        put_in_force([Terms(*row[1:]) for row in rows], clock.now())
        if rows:
            refresh_product_prices(sorted({row[0] for row in rows}))
    return len(rows)


# Locks are taken in the order of time, and nobody is waited for: so nobody waits in a circle. The product's lock is the
# one that everybody takes who writes its prices.
_LOCK = """
    SELECT price.id
    FROM catalog_price price
    JOIN catalog_variant variant ON variant.id = price.variant_id
    JOIN catalog_product product ON product.id = variant.product_id
    WHERE price.changes_at <= %(at)s
    ORDER BY price.changes_at
    LIMIT %(limit)s
    FOR UPDATE OF product SKIP LOCKED
"""
_DUE = """
    SELECT variant.product_id, price.variant_id, price.currency, price.regular_minor, price.sale_minor,
           price.sale_starts_at, price.sale_ends_at
    FROM catalog_price price JOIN catalog_variant variant ON variant.id = price.variant_id
    WHERE price.id = ANY(%s)
"""
