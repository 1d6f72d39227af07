"""What catalog does when something happens elsewhere."""

from ecommerce.kernel.events import Handlers
from modules.catalog.logic.exports import promise_contribution
from modules.users.events import ExportRequested

HANDLERS: Handlers = {ExportRequested: [promise_contribution]}
