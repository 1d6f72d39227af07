"""What crosses users' border."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ecommerce.kernel.errors import Conflict, NotFound


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How to reach a user: name, verified or not, and the language to write in (ISO 639-1).

    `phone` is as he has typed it, and may be empty.
    """

    user_id: UUID
    email: str
    email_verified: bool
    first_name: str
    last_name: str
    language: str
    accepts_marketing: bool = False
    phone: str = ""


class LinkPurpose(StrEnum):
    """What a mailed link is for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105  (a purpose, no password)


@dataclass(frozen=True, kw_only=True)
class AccountLink:
    """A link for an account's owner, where to send it and in which language; secret, so never stored."""

    email: str
    language: str
    url: str
    expires_at: datetime


class LinkNotWanted(Conflict):
    """The account needs no such link any more: it is closed or locked, or its address is verified already."""

    code = "link_not_wanted"


@dataclass(frozen=True, kw_only=True)
class Farewell:
    """Where the owner of an erased account is told so, and in which language; kept by users alone, and briefly."""

    email: str
    language: str


class FarewellOver(NotFound):
    """The owner of this account has been told, or is not to be told any more."""

    # A code of its own: notifications lets the mail be on this, and on no other 404 it may meet on the way.
    code = "farewell_over"


class ExportNotFound(NotFound):
    """There is no such export: it has expired, or its user was erased."""

    # A code of its own: a module that contributes gives up on this, and on no other 404 it may meet on the way.
    code = "export_not_found"


class Scope(StrEnum):
    """What a member of staff or a machine may do: the one vocabulary of roles, access tokens, API keys and the admin.

    `<module>.read` and `<module>.write` also stand for the admin's pages of that module.
    """

    USERS_READ = "users.read"
    USERS_WRITE = "users.write"
    USERS_IMPERSONATE = "users.impersonate"
    ROLES_WRITE = "roles.write"
    CATALOG_READ = "catalog.read"
    CATALOG_WRITE = "catalog.write"
    CART_READ = "cart.read"
    CART_WRITE = "cart.write"
    ORDERS_READ = "orders.read"
    ORDERS_WRITE = "orders.write"
    ORDERS_REFUND = "orders.refund"
    PAYMENTS_READ = "payments.read"
    PAYMENTS_WRITE = "payments.write"
    NOTIFICATIONS_READ = "notifications.read"
    NOTIFICATIONS_WRITE = "notifications.write"
    REPORTS_READ = "reports.read"
    # What waits for people: parked events and steps.
    OPERATIONS_READ = "operations.read"
    OPERATIONS_WRITE = "operations.write"
