"""What notifications does when something happens."""

from ecommerce.kernel.erasure import forget_user
from ecommerce.kernel.events import Handlers
from modules.notifications.logic import erasure
from modules.notifications.logic.account_letters import write_password_changed, write_reset, write_verification
from modules.notifications.logic.confirmations import write_confirmation
from modules.notifications.logic.exports import promise_contribution
from modules.orders.events import OrderAnonymised, OrderConfirmed
from modules.users.events import (
    EmailVerificationRequested,
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
    OrderConfirmed: [write_confirmation],
    OrderAnonymised: [forget_buyer],
    EmailVerificationRequested: [write_verification],
    PasswordResetRequested: [write_reset],
    PasswordChanged: [write_password_changed],
    ExportRequested: [promise_contribution],
    UserErased: [forget_customer],
}
