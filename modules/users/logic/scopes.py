"""What somebody may do: everything for who owns the shop, else what his roles say.

It is written into access tokens when they are signed, so the API knows a change of roles at the next refresh, ten
minutes later at most. Whoever hands out rights is judged by what he holds now, not by his token.
"""

from collections.abc import Iterable
from uuid import UUID

from ecommerce.kernel.errors import Forbidden
from modules.users.models import Role, User

EVERYTHING = frozenset({"*"})


class ScopeNotHeld(Forbidden):
    """Nobody hands out, changes or takes away rights that he does not have himself."""

    # details: scopes (those he lacks)
    code = "scope_not_held"


def held_by(user: User | None) -> frozenset[str]:
    """The scopes of a member of staff; nothing for customers and locked accounts. One statement, for staff alone."""
    if user is None or not (user.is_staff and user.is_active):
        return frozenset()
    if user.is_superuser:
        return EVERYTHING
    roles = Role.objects.filter(assignments__user_id=user.id).values_list("scopes", flat=True)
    return frozenset().union(*roles)


def common(held: frozenset[str], wanted: Iterable[str]) -> frozenset[str]:
    """Of the wanted scopes those that are held."""
    return frozenset(wanted) if held == EVERYTHING else held.intersection(wanted)


def check_held(held: frozenset[str], wanted: Iterable[str]) -> None:
    """Refuse (ScopeNotHeld) unless every one of these scopes is held, naming the others."""
    missing = frozenset(wanted) - common(held, wanted)
    if missing:
        raise ScopeNotHeld(scopes=sorted(missing))


def lock_people(*ids: UUID) -> dict[UUID, User]:
    """In the open transaction, these accounts: locked in one order, so two who change each other wait in turn."""
    people = User.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id")
    return {person.id: person for person in people}
