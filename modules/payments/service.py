"""What other modules may ask of payments."""

from ecommerce.kernel.remote import guard, is_remote

if is_remote("payments"):
    from modules.payments.remote import (
        assign_payer,
        cancel_payment,
        capture_payment,
        find_drift,
        forget_payer,
        get_payments,
        recognise_revenue,
        refund_order,
        set_off_revenue,
        start_payment,
    )
else:
    from modules.payments.logic.authorizations import capture_payment
    from modules.payments.logic.cancelling import cancel_payment
    from modules.payments.logic.drift import find_drift
    from modules.payments.logic.erasure import forget_payer
    from modules.payments.logic.ledger import recognise_revenue, set_off_revenue
    from modules.payments.logic.payers import assign_payer
    from modules.payments.logic.records import get_payments
    from modules.payments.logic.refunds import refund_order
    from modules.payments.logic.starting import start_payment

__all__ = [
    "assign_payer",
    "cancel_payment",
    "capture_payment",
    "find_drift",
    "forget_payer",
    "get_payments",
    "recognise_revenue",
    "refund_order",
    "set_off_revenue",
    "start_payment",
]
guard(globals())
