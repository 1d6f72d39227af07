"""The far end of service.py."""

from uuid import UUID

from ecommerce.kernel.remote import RemoteService
from modules.users.contracts import AccountLink, Contact, LinkNotWanted, LinkPurpose

_users = RemoteService("users", raises=(LinkNotWanted,))


def get_contacts(*, ids: list[UUID]) -> list[Contact]:
    return _users.call(list[Contact], "get_contacts", ids=ids)


def get_account_link(*, user_id: UUID, purpose: LinkPurpose) -> AccountLink:
    return _users.call(AccountLink, "get_account_link", user_id=user_id, purpose=purpose)
