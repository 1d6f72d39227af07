"""What payment events mean for an order.

These run inside the inbox's transaction: they write local state and steps, and call nobody.
"""

from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.money import Money
from modules.orders.logic import late_payments, states
from modules.orders.logic.confirmation import confirm_if_paid
from modules.orders.logic.invoices import invoice_if_sold
from modules.orders.models import Order

Payment = Order.PaymentStatus


def record_authorized(order_id: UUID, authorized: Money) -> None:
    """The provider holds money for this order; enough of it confirms the order."""
    order = states.lock(order_id)
    if order.payment_status not in (Payment.UNPAID, Payment.FAILED) or authorized.minor < order.total_minor:
        return
    states.change(order, payment_status=Payment.AUTHORIZED)
    states.note(order, "payment_authorized", detail={"amount": authorized.amount})
    confirm_if_paid(order)


def record_captured(order_id: UUID, captured: Money) -> None:
    """So much has been taken in all; enough of it confirms the order, or is given back when the order has ended."""
    order = states.lock(order_id)
    if captured.minor <= order.captured_minor:
        return
    is_paid = captured.minor >= order.total_minor
    states.change(
        order,
        captured_minor=captured.minor,
        payment_status=Payment.PAID if is_paid else Payment.PARTIALLY_PAID,
        paid_at=(order.paid_at or clock.now()) if is_paid else None,
    )
    states.note(order, "payment_captured", detail={"amount": captured.amount, "currency": captured.currency})
    confirm_if_paid(order)
    invoice_if_sold(order)
    late_payments.settle_if_ended(order)


def record_failed(order_id: UUID, code: str) -> None:
    """An attempt was declined: the buyer may try again until the order expires."""
    order = states.lock(order_id)
    if order.payment_status == Payment.UNPAID:
        states.change(order, payment_status=Payment.FAILED)
    states.note(order, "payment_failed", detail={"code": code})


def record_refunded(order_id: UUID, refunded: Money) -> None:
    """So much has gone back in all."""
    note_refunded(states.lock(order_id), refunded)


def note_refunded(order: Order, refunded: Money) -> None:
    """The same for an order that is locked in the open transaction."""
    if refunded.minor <= order.refunded_minor:
        return
    is_all = refunded.minor >= order.captured_minor
    states.change(
        order,
        refunded_minor=refunded.minor,
        payment_status=Payment.REFUNDED if is_all else Payment.PARTIALLY_REFUNDED,
    )
    states.note(order, "refunded", detail={"amount": refunded.amount, "currency": refunded.currency})
