"""Who asks: nobody, a customer, staff."""

from typing import Any, cast
from uuid import UUID

from rest_framework.test import APIClient

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.users.contracts import Scope


def client(principal: Principal | None = None) -> APIClient:
    """The API as this caller sees it."""
    api = APIClient()
    if principal:
        api.force_authenticate(user=cast(Any, principal))
    return api


def customer(user_id: UUID | None = None) -> Principal:
    """Somebody who has an account."""
    return Principal(id=user_id or new_id())


def staff(*scopes: Scope) -> Principal:
    """A member of staff with these scopes."""
    return Principal(id=new_id(), is_staff=True, scopes=frozenset(scopes))
