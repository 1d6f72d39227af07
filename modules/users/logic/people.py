"""Everybody who has an account, as staff see them."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower

from ecommerce.kernel.errors import NotFound
from modules.users.models import RoleAssignment, User


class UserNotFound(NotFound):
    """There is no such user."""


def list_people(*, email: str = "") -> QuerySet[User]:
    """Every account with its roles, or those whose address begins like this, whatever the case."""
    return beginning_with(_with_roles(), email) if email else _with_roles()


def get_person(*, user_id: UUID) -> User:
    """One account with its roles; UserNotFound."""
    person = _with_roles().filter(id=user_id).first()
    if person is None:
        raise UserNotFound
    return person


def beginning_with(people: QuerySet[User], start: str) -> QuerySet[User]:
    """Of these people those whose e-mail address begins like this; the unique index serves it."""
    return people.alias(folded_email=Lower("email")).filter(folded_email__startswith=start.strip().lower())


def _with_roles() -> QuerySet[User]:
    assignments = RoleAssignment.objects.select_related("role").order_by("role__name")
    return User.objects.prefetch_related(Prefetch("role_assignments", queryset=assignments))
