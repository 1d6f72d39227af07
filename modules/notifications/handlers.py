"""What notifications does when something happens."""

from ecommerce.kernel.events import Handlers
from modules.notifications.logic.account_letters import write_password_changed, write_reset, write_verification
from modules.notifications.logic.confirmations import write_confirmation
from modules.notifications.logic.exports import promise_contribution
from modules.orders.events import OrderConfirmed
from modules.users.events import EmailVerificationRequested, ExportRequested, PasswordChanged, PasswordResetRequested

HANDLERS: Handlers = {
    OrderConfirmed: [write_confirmation],
    EmailVerificationRequested: [write_verification],
    PasswordResetRequested: [write_reset],
    PasswordChanged: [write_password_changed],
    ExportRequested: [promise_contribution],
}
