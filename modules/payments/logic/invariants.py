"""What must hold in payments' tables at any moment; each query names what breaks it."""

from ecommerce.kernel.registry import Invariant

LEDGER_BALANCES = """
    SELECT posting_id, currency, sum(amount_minor) AS off_by
    FROM payments_entry GROUP BY posting_id, currency HAVING sum(amount_minor) <> 0
"""

AMOUNTS_ARE_POSTED = """
    SELECT payment.id, payment.captured_minor - payment.refunded_minor AS stored, coalesce(posted.minor, 0) AS posted
    FROM payments_payment payment LEFT JOIN (
        SELECT posting.payment_id, sum(entry.amount_minor) AS minor
        FROM payments_posting posting JOIN payments_entry entry ON entry.posting_id = posting.id
        WHERE entry.account LIKE 'provider:%:clearing' AND posting.kind IN ('capture', 'refund', 'refund_returned')
        GROUP BY posting.payment_id) posted ON posted.payment_id = payment.id
    WHERE payment.captured_minor - payment.refunded_minor <> coalesce(posted.minor, 0)
"""

ONE_OPEN_ATTEMPT = """
    SELECT payment_id, count(*) AS open_attempts FROM payments_attempt
    WHERE status IN ('started', 'requires_action', 'processing', 'authorized')
    GROUP BY payment_id HAVING count(*) > 1
"""

REFUNDS_WITHIN_CAPTURED = """
    SELECT id, captured_minor, refunded_minor, refund_pending_minor FROM payments_payment
    WHERE refunded_minor + refund_pending_minor > captured_minor
"""

RESERVED_IS_PENDING = """
    SELECT payment.id, payment.refund_pending_minor AS reserved, coalesce(sum(refund.amount_minor), 0) AS pending
    FROM payments_payment payment LEFT JOIN payments_refund refund
        ON refund.payment_id = payment.id AND refund.status = 'pending' AND refund.reference IS NOT NULL
    GROUP BY payment.id HAVING payment.refund_pending_minor <> coalesce(sum(refund.amount_minor), 0)
"""

DISPUTES_ARE_POSTED = """
    SELECT payment_id, sum(withdrawn_minor - reinstated_minor) AS taken, coalesce(max(posted.minor), 0) AS posted
    FROM payments_dispute LEFT JOIN (
        SELECT posting.payment_id AS of_payment, -sum(entry.amount_minor) AS minor
        FROM payments_posting posting JOIN payments_entry entry ON entry.posting_id = posting.id
        WHERE entry.account LIKE 'provider:%:clearing' AND posting.kind = 'dispute'
        GROUP BY posting.payment_id) posted ON posted.of_payment = payment_id
    GROUP BY payment_id HAVING sum(withdrawn_minor - reinstated_minor) <> coalesce(max(posted.minor), 0)
"""

INVARIANTS = [
    Invariant(module="payments", name="what disputes have taken is in the books", sql=DISPUTES_ARE_POSTED),
    Invariant(module="payments", name="the ledger balances", sql=LEDGER_BALANCES),
    Invariant(module="payments", name="a payment's amounts equal its entries", sql=AMOUNTS_ARE_POSTED),
    Invariant(module="payments", name="at most one attempt is open", sql=ONE_OPEN_ATTEMPT),
    Invariant(module="payments", name="refunds stay within what was captured", sql=REFUNDS_WITHIN_CAPTURED),
    Invariant(module="payments", name="what is reserved for refunds is pending", sql=RESERVED_IS_PENDING),
]
