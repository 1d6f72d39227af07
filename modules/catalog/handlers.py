"""What catalog does when something happens elsewhere."""

from ecommerce.kernel.erasure import forget_user
from ecommerce.kernel.events import Handlers
from modules.catalog.events import AssortmentChanged
from modules.catalog.logic import journal, reviewers
from modules.catalog.logic.editions import drop_kept_answers
from modules.catalog.logic.exports import promise_contribution
from modules.users.events import ExportRequested, UserErased


def forget_actor(event: UserErased) -> None:
    forget_user(event.user_id)
    journal.forget_actor(event.user_id)
    reviewers.forget_reviewer(event.user_id)


HANDLERS: Handlers = {
    AssortmentChanged: [drop_kept_answers],
    ExportRequested: [promise_contribution],
    UserErased: [forget_actor],
}
