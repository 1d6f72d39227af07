"""The last mail about an account: to an address that nobody else here knows any more, and we for minutes only."""

from uuid import UUID

from ecommerce.kernel import clock
from modules.users import contracts
from modules.users.contracts import FarewellOver
from modules.users.models import Farewell, User


def keep(user: User) -> None:
    """In the transaction of the erasure: keep the account's address until it is written to, or the erasure closed."""
    Farewell.objects.create(user_id=user.id, email=user.email, created_at=clock.now())


def get_farewell(*, user_id: UUID) -> contracts.Farewell:
    """Where to tell the owner of an erased account that it is; refuses (FarewellOver) once nobody is to be told any
    more. Repeating is safe."""
    found = Farewell.objects.select_related("user").filter(user_id=user_id).first()
    if found is None:
        raise FarewellOver
    return contracts.Farewell(email=found.email, language=found.user.language)


def forget_farewell(*, user_id: UUID) -> None:
    """The owner has been told: forget his address. Repeating is safe."""
    Farewell.objects.filter(user_id=user_id).delete()
