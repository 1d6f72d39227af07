"""Roles: making, changing and deleting them, never beyond what one may do oneself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed
from modules.users.contracts import Scope
from modules.users.logic.scopes import check_held, held_by, lock_people
from modules.users.models import Role


class RoleNotFound(NotFound):
    """There is no such role."""


class RoleNameTaken(Invalid):
    """There is a role of this name already."""

    code = "role_name_taken"


class RoleInUse(Conflict):
    """Somebody has this role: give them another one first."""

    # details: people (how many)
    code = "role_in_use"


def list_roles() -> QuerySet[Role]:
    """Every role."""
    return Role.objects.all()


def get_role(*, role_id: UUID) -> Role:
    """One role; RoleNotFound."""
    role = Role.objects.filter(id=role_id).first()
    if role is None:
        raise RoleNotFound
    return role


def make_role(*, actor_id: UUID, name: str, scopes: list[str], description: str = "") -> Role:
    """Make a role of scopes that the actor holds (else ScopeNotHeld), under a name no other has (RoleNameTaken)."""
    role = Role(name=name, scopes=_in_order(scopes), description=description)
    with _unique_name(), atomic(Role):
        _check_may(actor_id, role.scopes)
        role.save(force_insert=True)
    return role


def change_role(*, actor_id: UUID, role_id: UUID, versions: frozenset[int] | None = None, **changes: Any) -> Role:
    """Change what is given, for everybody who has the role. Refuses (ScopeNotHeld) who lacks what it holds or is to
    hold, and (PreconditionFailed) a role that is at none of these versions.
    """
    with _unique_name(), atomic(Role):
        role = _locked(actor_id, role_id, versions, also=changes.get("scopes", []))
        if not changes:
            return role
        if "scopes" in changes:
            changes["scopes"] = _in_order(changes["scopes"])
        for name, value in (changes | {"version": role.version + 1}).items():
            setattr(role, name, value)
        role.save(update_fields=[*changes, "version"])
    return role


def delete_role(*, actor_id: UUID, role_id: UUID, versions: frozenset[int] | None = None) -> None:
    """Delete a role that nobody has (else RoleInUse); refuses as `change_role` does.

    It is not taken from people along with it: that could leave somebody without any role, no member of staff any more,
    by a click on something else.
    """
    with atomic(Role):
        role = _locked(actor_id, role_id, versions)
        if people := role.assignments.count():
            raise RoleInUse(people=people)
        role.delete()


def _locked(actor_id: UUID, role_id: UUID, versions: frozenset[int] | None, also: list[str] | None = None) -> Role:
    """The role, locked against those who change or assign it; judged for this actor and these versions."""
    # People before roles, as everywhere.
    held = held_by(lock_people(actor_id).get(actor_id))
    role = Role.objects.select_for_update().filter(id=role_id).first()
    if role is None:
        raise RoleNotFound
    check_held(held, {Scope.ROLES_WRITE, *role.scopes, *(also or [])})
    if versions is not None and role.version not in versions:
        raise PreconditionFailed(version=role.version)
    return role


def _check_may(actor_id: UUID, scopes: list[str]) -> None:
    check_held(held_by(lock_people(actor_id).get(actor_id)), {Scope.ROLES_WRITE, *scopes})


def _in_order(scopes: list[str]) -> list[str]:
    return sorted({str(scope) for scope in scopes})


@contextmanager
def _unique_name() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "role_name_once" not in str(error):
            raise
        taken = {"field": "name", "code": RoleNameTaken.code, "detail": RoleNameTaken.__doc__ or ""}
        raise RoleNameTaken(errors=[taken]) from error
