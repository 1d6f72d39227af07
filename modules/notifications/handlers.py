"""What notifications does when something happens."""

from ecommerce.kernel.events import Handlers
from modules.notifications.logic.confirmations import write_confirmation
from modules.orders.events import OrderConfirmed

HANDLERS: Handlers = {OrderConfirmed: [write_confirmation]}
