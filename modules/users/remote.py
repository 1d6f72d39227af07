"""The far end of service.py."""

from uuid import UUID

from ecommerce.kernel.remote import RemoteService
from modules.users.contracts import Contact

_users = RemoteService("users")


def get_contacts(*, ids: list[UUID]) -> list[Contact]:
    return _users.call(list[Contact], "get_contacts", ids=ids)
