"""How to reach people, for the modules that write to them."""

from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Lower

from modules.users.contracts import Contact
from modules.users.models import User


def get_contacts(*, ids: list[UUID]) -> list[Contact]:
    """The contacts of these users; one who is not known, or was erased, is left out. Repeating is safe."""
    return [_contact(user) for user in User.objects.filter(id__in=ids, erased_at=None).order_by("id")]


def find_contacts(*, emails: list[str]) -> list[Contact]:
    """The contacts of the accounts with these addresses, whatever the case; an address that has none, or that was
    erased, is left out. Repeating is safe."""
    # Folded by the database on both sides, as the unique index folds them; its text holds no NUL.
    folded = [Lower(Value(email.strip())) for email in emails if "\0" not in email]
    found = User.objects.alias(folded_email=Lower("email")).filter(folded_email__in=folded, erased_at=None)
    return [_contact(user) for user in found.order_by("id")]


def _contact(user: User) -> Contact:
    return Contact(
        user_id=user.id,
        email=user.email,
        email_verified=user.email_verified,
        first_name=user.first_name,
        last_name=user.last_name,
        language=user.language,
        accepts_marketing=user.accepts_marketing,
        phone=user.phone,
    )
