"""The demonstration shop's two accounts, whose passwords everybody knows."""

from typing import Any

from django.conf import settings

from ecommerce.kernel.errors import Forbidden
from ecommerce.kernel.registry import Progress, Seeder
from modules.users.logic import accounts, signing_keys
from modules.users.models import User

STAFF: dict[str, Any] = {
    "email": "staff@example.com",
    "password": "staff-demo-password",
    "first_name": "Sam",
    "last_name": "Staff",
    "is_staff": True,
    "is_superuser": True,
}
CUSTOMER: dict[str, Any] = {
    "email": "customer@example.com",
    "password": "customer-demo-password",
    "first_name": "Casey",
    "last_name": "Customer",
}


class DemonstrationRefused(Forbidden):
    """Accounts with well-known passwords are made in development only: set DEBUG=on."""

    code = "demonstration_refused"


def seed(products: int, seed: int, progress: Progress) -> dict[str, int]:
    """Make a member of staff, a customer, and the first signing key. Refused without DEBUG; repeating adds nothing."""
    if not settings.DEBUG:
        raise DemonstrationRefused
    made = 0
    for done, account in enumerate((STAFF, CUSTOMER), start=1):
        made += _made(account)
        progress("users", done, 2)
    signing_keys.signing_key()
    return {"users": made}


def _made(account: dict[str, Any]) -> bool:
    try:
        accounts.register(**account, email_verified=True)
    except accounts.EmailTaken:
        return False
    return True


SEEDER = Seeder(module="users", run=seed, is_empty=lambda: not User.objects.exists())
