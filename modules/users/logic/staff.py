"""Who works in the shop: people are staff as long as they have a role, or own it."""

from uuid import UUID

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, Forbidden, Invalid
from modules.users.contracts import Scope
from modules.users.logic.people import UserNotFound
from modules.users.logic.scopes import check_held, held_by, lock_people
from modules.users.models import Role, RoleAssignment, User


class UnknownRole(Invalid):
    """There is no such role."""

    code = "unknown_role"


class OwnersOnly(Forbidden):
    """Only who owns the shop may do this to another who does."""

    code = "owners_only"


class AccountLocked(Conflict):
    """This account is locked: let its owner in again before you give them a role."""

    code = "account_locked"


def assign_roles(*, actor_id: UUID, user_id: UUID, role_ids: list[UUID]) -> list[Role]:
    """Let a user have exactly these roles, and be staff if they are any; repeating is safe. Returns them by name.

    Refuses (ScopeNotHeld) to give or take a role that reaches further than the actor's own rights.
    """
    with atomic(RoleAssignment):
        people = lock_people(actor_id, user_id)
        person = _person(people, actor_id, user_id)
        present = set(RoleAssignment.objects.filter(user_id=user_id).values_list("role_id", flat=True))
        roles = _locked_roles(present, role_ids)
        given, taken = set(role_ids) - present, present - set(role_ids)
        changed = [scope for role_id in given | taken for scope in roles[role_id].scopes]
        check_held(held_by(people.get(actor_id)), {Scope.ROLES_WRITE, *changed})
        if given and not person.is_active:
            raise AccountLocked
        _write(person, given, taken, actor_id)
        # In the same transaction, so that nobody is staff without a role or the other way round.
        User.objects.filter(id=user_id).update(is_staff=person.is_superuser or bool(role_ids))
    return sorted((roles[role_id] for role_id in set(role_ids)), key=lambda role: role.name)


def _person(people: dict[UUID, User], actor_id: UUID, user_id: UUID) -> User:
    if user_id not in people:
        raise UserNotFound
    actor, person = people.get(actor_id), people[user_id]
    if person.is_superuser and not (actor and actor.is_superuser):
        raise OwnersOnly
    return person


def _locked_roles(present: set[UUID], wanted: list[UUID]) -> dict[UUID, Role]:
    """Both what he has and what he is to have; nobody changes or deletes one of these roles meanwhile."""
    both = Role.objects.select_for_update(no_key=True).filter(id__in=present.union(wanted)).order_by("id")
    roles = {role.id: role for role in both}
    unknown = [
        {"field": f"role_ids.{place}", "code": UnknownRole.code, "detail": UnknownRole.__doc__ or ""}
        for place, role_id in enumerate(wanted)
        if role_id not in roles
    ]
    if unknown:
        raise UnknownRole(errors=unknown)
    return roles


def _write(person: User, given: set[UUID], taken: set[UUID], actor_id: UUID) -> None:
    RoleAssignment.objects.filter(user_id=person.id, role_id__in=taken).delete()
    RoleAssignment.objects.bulk_create(
        RoleAssignment(user_id=person.id, role_id=role_id, granted_by_id=actor_id) for role_id in sorted(given)
    )
