"""What orders does when something happens elsewhere."""

from ecommerce.kernel.erasure import forget_user
from ecommerce.kernel.events import Handlers
from modules.orders.logic import edit_payments, erasure, payment_facts, refunds_elsewhere
from modules.orders.logic.exports import promise_contribution
from modules.orders.logic.guests import look_for_orders
from modules.orders.logic.purposes import ORDER, edit_of_purpose
from modules.payments.events import (
    DisputeClosed,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDisputed,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    RefundFailed,
)
from modules.users.events import EmailVerified, ExportRequested, UserErased


def accept_authorization(event: PaymentAuthorized) -> None:
    if event.purpose == ORDER:
        payment_facts.record_authorized(event.order_id, event.authorized)


def confirm_order(event: PaymentCaptured) -> None:
    if event.purpose == ORDER:
        payment_facts.record_captured(event.order_id, event.captured)
    elif edit_id := edit_of_purpose(event.purpose):
        edit_payments.record_edit_captured(edit_id, event.captured)


def note_voided_payment(event: PaymentVoided) -> None:
    if event.purpose == ORDER:
        payment_facts.record_voided(event.order_id)


def note_failed_payment(event: PaymentFailed) -> None:
    if event.purpose == ORDER:
        payment_facts.record_failed(event.order_id, event.code)
    elif edit_id := edit_of_purpose(event.purpose):
        edit_payments.record_edit_failed(edit_id, event.code)


def note_refund(event: PaymentRefunded) -> None:
    refunds_elsewhere.record_refunded(event.order_id, event.purpose, event.reference, event.refunded)


def note_returned_refund(event: RefundFailed) -> None:
    payment_facts.record_refund_returned(event.order_id, event.reference, event.amount)


def note_dispute(event: PaymentDisputed) -> None:
    payment_facts.record_dispute(event.order_id, "disputed", {"reason": event.reason, "amount": event.amount.amount})


def note_closed_dispute(event: DisputeClosed) -> None:
    payment_facts.record_dispute(event.order_id, "dispute_closed", {"outcome": event.outcome})


def forget_customer(event: UserErased) -> None:
    forget_user(event.user_id)
    erasure.forget_customer(event.user_id)


HANDLERS: Handlers = {
    PaymentAuthorized: [accept_authorization],
    PaymentCaptured: [confirm_order],
    PaymentFailed: [note_failed_payment],
    PaymentRefunded: [note_refund],
    PaymentVoided: [note_voided_payment],
    RefundFailed: [note_returned_refund],
    PaymentDisputed: [note_dispute],
    DisputeClosed: [note_closed_dispute],
    EmailVerified: [look_for_orders],
    ExportRequested: [promise_contribution],
    UserErased: [forget_customer],
}
