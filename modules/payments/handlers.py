"""What payments does when something happens elsewhere."""

from ecommerce.kernel.erasure import forget_user
from ecommerce.kernel.events import Handlers
from modules.payments.logic import erasure
from modules.payments.logic.exports import promise_contribution
from modules.payments.logic.saved_methods import promise_forgetting
from modules.users.events import ExportRequested, UserErased


def forget_payer(event: UserErased) -> None:
    forget_user(event.user_id)
    erasure.forget_user(event.user_id)
    promise_forgetting(event.user_id)


HANDLERS: Handlers = {ExportRequested: [promise_contribution], UserErased: [forget_payer]}
