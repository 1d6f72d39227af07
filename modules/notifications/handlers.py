"""What notifications does when something happens."""

from ecommerce.kernel.events import Handlers
from modules.notifications.logic.confirmations import write_confirmation
from modules.notifications.logic.exports import promise_contribution
from modules.orders.events import OrderConfirmed
from modules.users.events import ExportRequested

HANDLERS: Handlers = {OrderConfirmed: [write_confirmation], ExportRequested: [promise_contribution]}
