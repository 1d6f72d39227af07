"""What must hold in orders' tables; each query selects the rows that break it."""

from ecommerce.kernel.registry import Invariant

_ORDERS = "orders"

INVARIANTS = [
    Invariant(
        module=_ORDERS,
        name="an order's total is its parts",
        sql="""
            SELECT id, total_minor FROM orders_order
            WHERE total_minor <> subtotal_minor - discount_minor + shipping_minor
                                 + CASE WHEN prices_include_tax THEN 0 ELSE tax_minor END
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="an order's lines add up to its header",
        sql="""
            SELECT o.id FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
            GROUP BY o.id
            HAVING sum(l.quantity * l.unit_price_minor) <> o.subtotal_minor
                OR sum(l.discount_minor) <> o.discount_minor
                OR sum(l.tax_minor) + o.shipping_tax_minor <> o.tax_minor
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="one live order per cart",
        sql="""
            SELECT cart_id, count(*) FROM orders_order
            WHERE status NOT IN ('abandoned', 'cancelled', 'expired')
            GROUP BY cart_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="every placed order has lines and a timeline",
        sql="""
            SELECT o.id FROM orders_order o
            WHERE o.status NOT IN ('opening', 'abandoned')
              AND (NOT EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = o.id)
                   OR NOT EXISTS (SELECT FROM orders_timelineentry t WHERE t.order_id = o.id))
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="the numbers of each series are 1 to n without gaps",
        sql="""
            SELECT coalesce(c.series, d.series), c.last, count(d.id), max(d.position)
            FROM orders_documentcounter c FULL JOIN orders_document d ON d.series = c.series
            GROUP BY c.series, c.last, d.series
            HAVING c.last IS NULL OR count(d.id) <> c.last OR max(d.position) <> c.last
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="an invoice's total is its order's",
        sql="""
            SELECT d.number, d.total_minor, o.total_minor
            FROM orders_document d JOIN orders_order o ON o.id = d.order_id
            WHERE d.kind = 'invoice' AND (d.total_minor, d.tax_minor) <> (o.total_minor, o.tax_minor)
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="credit notes take back no more than their invoice",
        sql="""
            SELECT i.number FROM orders_document i JOIN orders_document n ON n.corrects_id = i.id
            GROUP BY i.id, i.number, i.total_minor, i.tax_minor
            HAVING sum(n.total_minor) > i.total_minor OR sum(n.tax_minor) > i.tax_minor
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="no checkout stays open for an hour",
        sql="""
            SELECT id, created_at FROM orders_order
            WHERE status = 'opening' AND created_at < now() - interval '1 hour'
        """,
    ),
]
