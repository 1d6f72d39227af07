"""What crosses users' border."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How to reach a user: name, verified or not, and the language to write in (ISO 639-1)."""

    user_id: UUID
    email: str
    email_verified: bool
    first_name: str
    last_name: str
    language: str


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
