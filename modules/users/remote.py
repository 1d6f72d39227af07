"""The far end of service.py."""

from typing import Any
from uuid import UUID

from ecommerce.kernel.remote import RemoteService
from modules.users.contracts import (
    AccountLink,
    Contact,
    ExportNotFound,
    Farewell,
    FarewellOver,
    LinkNotWanted,
    LinkPurpose,
)

_users = RemoteService("users", raises=(ExportNotFound, FarewellOver, LinkNotWanted))


def get_contacts(*, ids: list[UUID]) -> list[Contact]:
    return _users.call(list[Contact], "get_contacts", ids=ids)


def find_contacts(*, emails: list[str]) -> list[Contact]:
    return _users.call(list[Contact], "find_contacts", emails=emails)


def get_account_link(*, user_id: UUID, purpose: LinkPurpose) -> AccountLink:
    return _users.call(AccountLink, "get_account_link", user_id=user_id, purpose=purpose)


def get_farewell(*, user_id: UUID) -> Farewell:
    return _users.call(Farewell, "get_farewell", user_id=user_id)


def forget_farewell(*, user_id: UUID) -> None:
    _users.call(None, "forget_farewell", user_id=user_id)


def contribute_to_export(
    *, export_id: UUID, module: str, document: dict[str, Any], parcel: int = 0, is_last: bool = True
) -> None:
    _users.call(
        None,
        "contribute_to_export",
        export_id=export_id,
        module=module,
        document=document,
        parcel=parcel,
        is_last=is_last,
    )
