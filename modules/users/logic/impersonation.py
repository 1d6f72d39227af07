"""Staff see the shop as a customer does: for ten minutes, for a reason, and on record."""

from uuid import UUID

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Forbidden
from modules.users.contracts import Scope
from modules.users.logic.people import UserNotFound
from modules.users.logic.scopes import check_held, held_by, lock_people
from modules.users.logic.tokens import AccessToken, sign_acting_access
from modules.users.models import Impersonation


class ImpersonationRefused(Forbidden):
    """Nobody acts as a member of staff, or as somebody whose account is locked."""

    code = "impersonation_refused"


def impersonate(*, actor_id: UUID, user_id: UUID, reason: str) -> AccessToken:
    """An access token of a customer that names the actor. It is on record before it exists; nothing renews it."""
    with atomic(Impersonation):
        people = lock_people(actor_id, user_id)
        check_held(held_by(people.get(actor_id)), {Scope.USERS_IMPERSONATE})
        customer = people.get(user_id)
        if customer is None:
            raise UserNotFound
        if customer.is_staff or customer.is_superuser or not customer.is_active:
            raise ImpersonationRefused
        record = Impersonation.objects.create(actor_id=actor_id, user_id=user_id, reason=reason)
    # As of the record, when the account was locked: whoever locks the account later denies longer than this lives.
    return sign_acting_access(user_id=user_id, actor_id=actor_id, at=record.at)


def forget_reasons(*, user_id: UUID) -> None:
    """For somebody's erasure: that it happened stays on record, what was written of them goes. Repeating is safe."""
    Impersonation.objects.filter(user_id=user_id).update(reason="")
