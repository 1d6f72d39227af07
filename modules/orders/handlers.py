"""What orders does when something happens elsewhere."""

from ecommerce.kernel.events import Handlers
from modules.orders.logic import payment_facts
from modules.orders.logic.exports import promise_contribution
from modules.orders.logic.guests import look_for_orders
from modules.orders.logic.purposes import ORDER
from modules.payments.events import PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentRefunded
from modules.users.events import EmailVerified, ExportRequested


def accept_authorization(event: PaymentAuthorized) -> None:
    if event.purpose == ORDER:
        payment_facts.record_authorized(event.order_id, event.authorized)


def confirm_order(event: PaymentCaptured) -> None:
    if event.purpose == ORDER:
        payment_facts.record_captured(event.order_id, event.captured)


def note_failed_payment(event: PaymentFailed) -> None:
    if event.purpose == ORDER:
        payment_facts.record_failed(event.order_id, event.code)


def note_refund(event: PaymentRefunded) -> None:
    if event.purpose == ORDER:
        payment_facts.record_refunded(event.order_id, event.refunded)


HANDLERS: Handlers = {
    PaymentAuthorized: [accept_authorization],
    PaymentCaptured: [confirm_order],
    PaymentFailed: [note_failed_payment],
    PaymentRefunded: [note_refund],
    EmailVerified: [look_for_orders],
    ExportRequested: [promise_contribution],
}
