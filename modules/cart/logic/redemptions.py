"""Which order uses which promotions, and how often each is used: counted under limits that hold whoever comes at once.

An order's redemption is one row. Whoever writes it first counts, whoever gives it back first counts back; the counters
are locked in one order (promotions, coupons, customers, each by id), and only here.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.cart.contracts import CouponExhausted, CouponInvalid, RedemptionClosed
from modules.cart.logic.database import execute, fetch
from modules.cart.models import Redemption


def redeem(*, order_id: UUID, promotion_ids: list[UUID], codes: list[str], customer_key: str) -> None:
    """Use these promotions for an order; repeating is safe.

    CouponInvalid for what is not known, CouponExhausted for what has been used as often as it may be, in total or by
    this customer; RedemptionClosed when the order's were given back, even before this came. Then nothing is counted.
    """
    with atomic(Redemption):
        values = [new_id(), order_id, promotion_ids, codes, customer_key, clock.now()]
        [(status, is_new)] = fetch(_REDEEM, values)
        if status == Redemption.Status.RELEASED:
            raise RedemptionClosed
        if is_new and (promotion_ids or codes):
            per_customer = _use_promotions(promotion_ids)
            _use_coupons(codes, promotion_ids)
            _use_as(customer_key, per_customer)


def release_redemption(*, order_id: UUID) -> None:
    """Give an order's promotions back; repeating is safe. Of an order never seen it leaves a tombstone, so that a
    late `redeem` is refused."""
    now = clock.now()
    with atomic(Redemption):
        for promotion_ids, codes, customer_key in fetch(_RELEASE, [new_id(), order_id, now, now]):
            if promotion_ids:
                _lock_promotions(promotion_ids)
                execute("UPDATE cart_promotion SET used = used - 1 WHERE id = ANY(%s)", [promotion_ids])
                if _lock_coupons(codes):
                    execute(_USE_COUPONS_LESS, [_folded(codes), promotion_ids])
                execute(_USE_AS_LESS, [customer_key, promotion_ids])


def _use_promotions(promotion_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Count one more use of each; those that limit a customer, with their limit."""
    kept = {row[0]: row for row in _lock_promotions(promotion_ids)}
    if unknown := [str(id_) for id_ in promotion_ids if id_ not in kept]:
        raise CouponInvalid(promotion_ids=unknown)
    for id_, title, used, limit, _ in kept.values():
        if limit is not None and used >= limit:
            raise CouponExhausted(f"{title} has been used as often as it may be.", promotion_id=str(id_))
    execute("UPDATE cart_promotion SET used = used + 1 WHERE id = ANY(%s)", [list(kept)])
    return {id_: limit for id_, _, _, _, limit in kept.values() if limit is not None}


def _use_coupons(codes: Sequence[str], promotion_ids: Sequence[UUID]) -> None:
    if not codes:
        return
    kept = {code: row for code, *row in _lock_coupons(codes)}
    for code in _folded(codes):
        promotion_id, used, limit = kept.get(code, (None, 0, None))
        if promotion_id not in promotion_ids:
            raise CouponInvalid(f"{code} is not known.", codes=[code])
        if limit is not None and used >= limit:
            raise CouponExhausted(f"{code} has been used as often as it may be.", codes=[code])
    execute("UPDATE cart_coupon SET used = used + 1 WHERE upper(code) = ANY(%s)", [list(kept)])


def _use_as(customer_key: str, limits: dict[UUID, int]) -> None:
    """Count one more use by this customer of what limits its customers."""
    for promotion_id in sorted(limits):
        if not fetch(_USE_AS, [new_id(), promotion_id, customer_key, limits[promotion_id]]):
            raise CouponExhausted(
                "This customer has used it as often as one may.", promotion_id=str(promotion_id), per_customer=True
            )


def _lock_promotions(promotion_ids: Sequence[UUID]) -> list[tuple[Any, ...]]:
    return fetch(_PROMOTIONS, [list(promotion_ids)])


def _lock_coupons(codes: Sequence[str]) -> list[tuple[Any, ...]]:
    return fetch(_COUPONS, [_folded(codes)]) if codes else []


def _folded(codes: Sequence[str]) -> list[str]:
    return [code.upper() for code in codes]


# The update changes nothing: it makes the row that is there come back, and queue behind whoever is writing it.
_REDEEM = """
    INSERT INTO cart_redemption (id, order_id, status, promotion_ids, codes, customer_key, created_at, released_at)
    VALUES (%s, %s, 'redeemed', %s::uuid[], %s::varchar[], %s, %s, NULL)
    ON CONFLICT (order_id) DO UPDATE SET order_id = excluded.order_id
    RETURNING status, xmax = 0
"""
_RELEASE = """
    INSERT INTO cart_redemption AS kept
        (id, order_id, status, promotion_ids, codes, customer_key, created_at, released_at)
    VALUES (%s, %s, 'released', '{}', '{}', '', %s, %s)
    ON CONFLICT (order_id) DO UPDATE SET status = 'released', released_at = excluded.released_at
    WHERE kept.status = 'redeemed'
    RETURNING promotion_ids, codes, customer_key
"""
_PROMOTIONS = """
    SELECT id, title, used, usage_limit, usage_limit_per_customer
    FROM cart_promotion WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
_COUPONS = """
    SELECT upper(code), promotion_id, used, usage_limit
    FROM cart_coupon WHERE upper(code) = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
_USE_AS = """
    INSERT INTO cart_customeruse AS kept (id, promotion_id, customer_key, used) VALUES (%s, %s, %s, 1)
    ON CONFLICT (promotion_id, customer_key) DO UPDATE SET used = kept.used + 1 WHERE kept.used < %s
    RETURNING used
"""
# Staff may have changed the code since, or given it to another promotion.
_USE_COUPONS_LESS = """
    UPDATE cart_coupon SET used = used - 1
    WHERE upper(code) = ANY(%s) AND promotion_id = ANY(%s) AND used > 0
"""
# Where the limit was set later, there is none of this order.
_USE_AS_LESS = """
    UPDATE cart_customeruse SET used = used - 1
    WHERE customer_key = %s AND promotion_id = ANY(%s) AND used > 0
"""
