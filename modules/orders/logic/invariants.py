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
        name="what is fulfilled lies in shipments",
        sql="""
            SELECT l.id, l.fulfilled FROM orders_orderline l
            WHERE l.fulfilled <> (SELECT coalesce(sum(quantity), 0) FROM orders_shipmentitem WHERE line_id = l.id)
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="what is refunded stands in refunds",
        # Units that were not sent stay refunded where their refund failed after all else had gone (refunds._fail).
        sql="""
            SELECT l.id, l.refunded, l.cancelled FROM orders_orderline l
            WHERE (l.refunded, l.cancelled) <> (
                      SELECT coalesce(sum(item.quantity), 0), coalesce(sum(item.cancelled), 0)
                      FROM orders_refunditem item JOIN orders_refund refund ON refund.id = item.refund_id
                      WHERE item.line_id = l.id AND refund.status <> 'failed')
              AND NOT EXISTS (
                      SELECT FROM orders_refunditem item JOIN orders_refund refund ON refund.id = item.refund_id
                      WHERE item.line_id = l.id AND refund.status = 'failed' AND item.cancelled > 0)
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="a refund is the sum of its parts, and no part gives back more than was paid for it",
        sql="""
            SELECT refund.id FROM orders_refund refund
            WHERE (refund.amount_minor - refund.shipping_minor, refund.tax_minor - refund.shipping_tax_minor) <> (
                      SELECT coalesce(sum(amount_minor), 0), coalesce(sum(tax_minor), 0)
                      FROM orders_refunditem WHERE refund_id = refund.id)
            UNION ALL
            SELECT l.id FROM orders_orderline l
            JOIN orders_refunditem item ON item.line_id = l.id
            JOIN orders_refund refund ON refund.id = item.refund_id AND refund.status <> 'failed'
            GROUP BY l.id HAVING sum(item.amount_minor) > l.total_minor OR sum(item.tax_minor) > l.tax_minor
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="an order is shipped where nothing is left to ship, and delivered where all has arrived",
        sql="""
            SELECT o.id, o.status FROM orders_order o
            WHERE o.status IN ('shipped', 'delivered')
              AND (EXISTS (SELECT FROM orders_orderline l
                           WHERE l.order_id = o.id AND l.fulfilled + l.cancelled < l.quantity)
                   OR o.status = 'delivered' AND EXISTS (SELECT FROM orders_shipment s
                                                         WHERE s.order_id = o.id AND s.status <> 'delivered'))
        """,
    ),
    Invariant(
        module=_ORDERS,
        name="what an edit has added is the order's, and what it set off counts as paid and as given back",
        sql="""
            SELECT e.id FROM orders_orderedit e
            WHERE e.status = 'applied'
              AND (e.added_minor <> (SELECT coalesce(sum(total_minor), 0) FROM orders_orderline WHERE edit_id = e.id)
                   OR least(e.added_minor, e.removed_minor) <> (
                          SELECT coalesce(sum(amount_minor), 0) FROM orders_refund
                          WHERE edit_id = e.id AND is_set_off)
                   OR e.captured_minor < e.added_minor - least(e.added_minor, e.removed_minor))
            UNION ALL
            SELECT o.id FROM orders_order o
            JOIN orders_orderedit e ON e.order_id = o.id AND e.status = 'applied'
            GROUP BY o.id
            HAVING o.set_off_minor <> sum(least(e.added_minor, e.removed_minor))
                OR o.edits_captured_minor <> sum(e.captured_minor)
                OR o.edits_refunded_minor <> sum(e.refunded_minor)
            UNION ALL
            SELECT l.id FROM orders_orderline l
            WHERE l.edit_id IS NOT NULL
              AND NOT EXISTS (SELECT FROM orders_orderedit WHERE id = l.edit_id AND status = 'applied')
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
            CROSS JOIN LATERAL (SELECT coalesce(sum(added_minor), 0) AS total, coalesce(sum(tax_minor), 0) AS tax
                                FROM orders_orderedit WHERE order_id = o.id AND status = 'applied') edits
            WHERE d.kind = 'invoice' AND d.edit_id IS NULL
              AND (d.total_minor, d.tax_minor) <> (o.total_minor - edits.total, o.tax_minor - edits.tax)
            UNION ALL
            SELECT d.number, d.total_minor, e.added_minor
            FROM orders_document d JOIN orders_orderedit e ON e.id = d.edit_id
            WHERE (d.total_minor, d.tax_minor) <> (e.added_minor, e.tax_minor)
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
]
