"""What cart does when something happens elsewhere."""

from ecommerce.kernel.erasure import forget_user
from ecommerce.kernel.events import Handlers
from modules.cart.logic import erasure
from modules.cart.logic.exports import promise_contribution
from modules.users.events import ExportRequested, UserErased


def forget_customer(event: UserErased) -> None:
    forget_user(event.user_id)
    erasure.forget_customer(event.user_id)


HANDLERS: Handlers = {ExportRequested: [promise_contribution], UserErased: [forget_customer]}
