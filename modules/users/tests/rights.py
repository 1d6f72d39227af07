"""Members of staff who may do so much and no more."""

from collections.abc import Callable

from rest_framework.test import APIClient

from modules.users.contracts import Scope
from modules.users.logic import sessions
from modules.users.models import Role, RoleAssignment, User
from modules.users.tests.factories import PASSWORD, StaffFactory

ClientOf = Callable[[User], APIClient]


def a_role(*scopes: Scope, name: str = "") -> Role:
    """A role as it lies in the table."""
    wanted = sorted(scope.value for scope in scopes)
    return Role.objects.create(name=name or f"Role {Role.objects.count()}", scopes=wanted)


def a_clerk(*scopes: Scope) -> User:
    """Staff with one role of these scopes."""
    clerk = StaffFactory.create(is_superuser=False)
    give(clerk, a_role(*scopes))
    return clerk


def give(user: User, role: Role) -> None:
    """Assign a role, whoever may."""
    RoleAssignment.objects.create(user=user, role=role, granted_by_id=user.id)
    User.objects.filter(id=user.id).update(is_staff=True)


def client_of(user: User, network: str) -> APIClient:
    """A client with an access token of that user."""
    pair = sessions.sign_in(email=user.email, password=PASSWORD, network=network)
    client = APIClient(REMOTE_ADDR=network)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")
    return client
