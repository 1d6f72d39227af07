"""What notifications does when something happens."""

from ecommerce.kernel.erasure import forget_user
from ecommerce.kernel.events import Handlers
from modules.cart.events import CartAbandoned
from modules.catalog.events import CategoryChanged, ProductChanged, ReviewApproved, ReviewSubmitted
from modules.notifications.logic import (
    account_letters,
    erasure,
    farewells,
    marketing_letters,
    order_letters,
    order_texts,
    staff_letters,
)
from modules.notifications.logic.exports import promise_contribution
from modules.notifications.logic.webhooks import events as webhooks
from modules.orders.events import (
    OrderAnonymised,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderEdited,
    OrderEditOffered,
    OrderExpired,
    OrderPlaced,
    OrderShipped,
    ReturnReceived,
    ReturnRejected,
    ReturnRequested,
)
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
from modules.users.events import (
    EmailVerificationRequested,
    EmailVerified,
    ExportRequested,
    PasswordChanged,
    PasswordResetRequested,
    UserErased,
    UserRegistered,
)


def forget_customer(event: UserErased) -> None:
    forget_user(event.user_id)
    erasure.forget_customer(event.user_id)


def forget_buyer(event: OrderAnonymised) -> None:
    erasure.forget_buyer(event.order_id)


HANDLERS: Handlers = {
    OrderPlaced: [webhooks.forward],
    OrderConfirmed: [order_letters.write_confirmed, webhooks.forward],
    OrderExpired: [webhooks.forward],
    OrderShipped: [order_letters.write_shipped, order_texts.write_shipped, webhooks.forward],
    OrderDelivered: [
        order_letters.write_delivered,
        order_texts.write_delivered,
        marketing_letters.write_review_request,
        webhooks.forward,
    ],
    OrderCancelled: [order_letters.write_cancelled, webhooks.forward],
    OrderEditOffered: [order_letters.write_edit_offered, webhooks.forward],
    OrderEdited: [webhooks.forward],
    ReturnRequested: [webhooks.forward],
    ReturnReceived: [order_letters.write_return_received, webhooks.forward],
    ReturnRejected: [order_letters.write_return_rejected, webhooks.forward],
    OrderAnonymised: [forget_buyer, webhooks.forward],
    PaymentAuthorized: [webhooks.forward],
    PaymentCaptured: [webhooks.forward],
    PaymentVoided: [webhooks.forward],
    PaymentFailed: [order_letters.write_payment_failed, webhooks.forward],
    PaymentRefunded: [order_letters.write_refunded, webhooks.forward],
    RefundFailed: [staff_letters.write_refund_failed, webhooks.forward],
    PaymentDisputed: [staff_letters.write_disputed, webhooks.forward],
    DisputeClosed: [webhooks.forward],
    CartAbandoned: [marketing_letters.write_cart_reminder, webhooks.forward],
    ProductChanged: [webhooks.forward],
    CategoryChanged: [webhooks.forward],
    ReviewSubmitted: [webhooks.forward],
    ReviewApproved: [webhooks.forward],
    UserRegistered: [webhooks.forward],
    EmailVerificationRequested: [account_letters.write_verification],
    EmailVerified: [account_letters.write_welcome, webhooks.forward],
    PasswordResetRequested: [account_letters.write_reset],
    PasswordChanged: [account_letters.write_password_changed],
    ExportRequested: [promise_contribution],
    UserErased: [forget_customer, farewells.write_farewell, webhooks.forward],
}
