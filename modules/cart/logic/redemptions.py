"""Which order uses which promotions. An order's redemption is one row, written by one statement."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections

from ecommerce.kernel import clock
from ecommerce.kernel.db import alias_of
from ecommerce.kernel.ids import new_id
from modules.cart.contracts import CouponInvalid, RedemptionClosed
from modules.cart.models import Redemption

# The update changes nothing: it makes the row that is there come back, and queue behind whoever is writing it.
_REDEEM = """
    INSERT INTO cart_redemption (id, order_id, status, promotion_ids, codes, customer_key, created_at, released_at)
    VALUES (%s, %s, 'redeemed', %s::uuid[], %s::varchar[], %s, %s, NULL)
    ON CONFLICT (order_id) DO UPDATE SET order_id = excluded.order_id
    RETURNING status
"""

_RELEASE = """
    INSERT INTO cart_redemption AS kept
        (id, order_id, status, promotion_ids, codes, customer_key, created_at, released_at)
    VALUES (%s, %s, 'released', '{}', '{}', '', %s, %s)
    ON CONFLICT (order_id) DO UPDATE SET status = 'released', released_at = excluded.released_at
    WHERE kept.status = 'redeemed'
    RETURNING status
"""


def redeem(*, order_id: UUID, promotion_ids: list[UUID], codes: list[str], customer_key: str) -> None:
    """Use these promotions for an order; repeating is safe. CouponInvalid for one that is not known;
    RedemptionClosed when the order's were given back, even before this came."""
    # There are no promotions yet, so each one that is named is unknown.
    if promotion_ids or codes:
        raise CouponInvalid(codes=codes, promotion_ids=[str(id_) for id_ in promotion_ids])
    now = clock.now()
    if _write(_REDEEM, new_id(), order_id, promotion_ids, codes, customer_key, now) == Redemption.Status.RELEASED:
        raise RedemptionClosed


def release_redemption(*, order_id: UUID) -> None:
    """Give an order's promotions back; repeating is safe. Of an order never seen it leaves a tombstone, so that a
    late `redeem` is refused."""
    now = clock.now()
    _write(_RELEASE, new_id(), order_id, now, now)


def _write(sql: str, *values: UUID | str | datetime | list[Any]) -> str | None:
    with connections[alias_of("cart")].cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return row[0] if row else None
