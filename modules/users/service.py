"""What other modules may ask of users."""

from ecommerce.kernel.remote import guard, is_remote

if is_remote("users"):
    from modules.users.remote import (
        contribute_to_export,
        find_contacts,
        forget_farewell,
        get_account_link,
        get_contacts,
        get_farewell,
    )
else:
    from modules.users.logic.contacts import find_contacts, get_contacts
    from modules.users.logic.exports import contribute_to_export
    from modules.users.logic.farewells import forget_farewell, get_farewell
    from modules.users.logic.links import get_account_link

__all__ = [
    "contribute_to_export",
    "find_contacts",
    "forget_farewell",
    "get_account_link",
    "get_contacts",
    "get_farewell",
]
guard(globals())
