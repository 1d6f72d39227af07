"""An account whose address nobody ever showed to be theirs, and the one who does.

It may be the same person. It may also be somebody who opened it under this address beforehand, to be in it when its
owner comes (pre-hijacking). So nothing stays that could let that other person in, or lead messages to them.
"""

from ecommerce.kernel.events import publish
from modules.users.events import EmailVerified
from modules.users.logic import enrolment, exports, sessions
from modules.users.models import Address, Export, Identity, User


def take_over(user: User, *, first_name: str, last_name: str) -> None:
    """In the open transaction, with the user's row locked: hand the account to the owner of its address."""
    user.set_unusable_password()
    user.email_verified = True
    user.first_name, user.last_name, user.phone = first_name, last_name, ""
    user.save(update_fields=["password", "email_verified", "first_name", "last_name", "phone"])
    Address.objects.filter(user=user).delete()
    exports.discard(Export.objects.filter(user=user))
    forget_ways_in(user)
    publish(EmailVerified(user_id=user.id))


def forget_ways_in(user: User) -> None:
    """In the open transaction: whatever but the password opens the account, or keeps its owner out, is gone.

    But the second factor of staff: their rights were given to a person, not to an address that nobody ever looked at,
    so reading its mail is not enough. Who is kept out by it asks an operator (`manage.py second_factor`).
    """
    Identity.objects.filter(user=user).delete()
    if not User.objects.filter(id=user.id, is_staff=True).exists():
        enrolment.reset(user_id=user.id)
    sessions.revoke_all(user_ids=[user.id])
