"""What payments does when something happens elsewhere."""

from ecommerce.kernel.events import Handlers
from modules.payments.logic.exports import promise_contribution
from modules.users.events import ExportRequested

HANDLERS: Handlers = {ExportRequested: [promise_contribution]}
