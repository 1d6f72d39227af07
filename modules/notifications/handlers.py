"""What notifications does when something happens."""

from ecommerce.kernel.erasure import forget_user
from ecommerce.kernel.events import Handlers
from modules.cart.events import CartAbandoned
from modules.notifications.logic import account_letters, erasure, marketing_letters, order_letters
from modules.notifications.logic.exports import promise_contribution
from modules.orders.events import (
    OrderAnonymised,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderEditOffered,
    OrderShipped,
    ReturnReceived,
    ReturnRejected,
)
from modules.payments.events import PaymentFailed, PaymentRefunded
from modules.users.events import (
    EmailVerificationRequested,
    EmailVerified,
    ExportRequested,
    PasswordChanged,
    PasswordResetRequested,
    UserErased,
)


def forget_customer(event: UserErased) -> None:
    forget_user(event.user_id)
    erasure.forget_customer(event.user_id)


def forget_buyer(event: OrderAnonymised) -> None:
    erasure.forget_buyer(event.order_id)


HANDLERS: Handlers = {
    OrderConfirmed: [order_letters.write_confirmed],
    OrderShipped: [order_letters.write_shipped],
    OrderDelivered: [order_letters.write_delivered],
    OrderCancelled: [order_letters.write_cancelled],
    OrderEditOffered: [order_letters.write_edit_offered],
    ReturnReceived: [order_letters.write_return_received],
    ReturnRejected: [order_letters.write_return_rejected],
    OrderAnonymised: [forget_buyer],
    PaymentFailed: [order_letters.write_payment_failed],
    PaymentRefunded: [order_letters.write_refunded],
    CartAbandoned: [marketing_letters.write_cart_reminder],
    EmailVerificationRequested: [account_letters.write_verification],
    EmailVerified: [account_letters.write_welcome],
    PasswordResetRequested: [account_letters.write_reset],
    PasswordChanged: [account_letters.write_password_changed],
    ExportRequested: [promise_contribution],
    UserErased: [forget_customer],
}
