"""What must hold in cart's tables; each query selects the rows that break it."""

from ecommerce.kernel.registry import Invariant


def _invariant(name: str, sql: str) -> Invariant:
    return Invariant(module="cart", name=name, sql=sql)


INVARIANTS = [
    _invariant(
        "a promotion is used as often as orders use it",
        """
        SELECT promotion.id, promotion.used, count(redemption.id) AS orders
        FROM cart_promotion promotion
        LEFT JOIN (
            SELECT id, unnest(promotion_ids) AS promotion_id FROM cart_redemption WHERE status = 'redeemed'
        ) redemption ON redemption.promotion_id = promotion.id
        GROUP BY promotion.id HAVING promotion.used <> count(redemption.id)
        """,
    ),
    # Less, where staff have taken the code away and given it back since.
    _invariant(
        "a code is used by no fewer orders than it counts",
        """
        SELECT coupon.id, coupon.code, coupon.used, coalesce(redeemed.orders, 0) AS orders
        FROM cart_coupon coupon
        LEFT JOIN (
            SELECT upper(code) AS code, promotion_id, count(*) AS orders
            FROM cart_redemption, unnest(codes) AS code, unnest(promotion_ids) AS promotion_id
            WHERE status = 'redeemed' GROUP BY 1, 2
        ) redeemed ON redeemed.code = upper(coupon.code) AND redeemed.promotion_id = coupon.promotion_id
        WHERE coupon.used > coalesce(redeemed.orders, 0)
        """,
    ),
    # Less, where the limit was set after the order.
    _invariant(
        "a customer uses a promotion by no fewer orders than are counted",
        """
        SELECT customer.id, customer.promotion_id, customer.used, coalesce(redeemed.orders, 0) AS orders
        FROM cart_customeruse customer
        LEFT JOIN (
            SELECT customer_key, promotion_id, count(*) AS orders
            FROM cart_redemption, unnest(promotion_ids) AS promotion_id
            WHERE status = 'redeemed' GROUP BY 1, 2
        ) redeemed ON redeemed.customer_key = customer.customer_key AND redeemed.promotion_id = customer.promotion_id
        WHERE customer.used > coalesce(redeemed.orders, 0)
        """,
    ),
    _invariant(
        "a saved cart is its owner's",
        """
        SELECT owner_id, cart_id FROM cart_savedcart
        WHERE basket ->> 'owner_id' IS DISTINCT FROM owner_id::text OR basket ->> 'id' <> cart_id::text
        """,
    ),
]
