"""Proving that an account's e-mail address is its owner's."""

from ecommerce.kernel.db import atomic
from ecommerce.kernel.events import publish
from ecommerce.kernel.ids import new_id
from modules.users.contracts import LinkPurpose
from modules.users.events import EmailVerificationRequested, EmailVerified
from modules.users.logic import links
from modules.users.models import User


def verify_email(*, token: str) -> User:
    """Note that whoever has this token reads the account's mail. It serves once (InvalidLink afterwards)."""
    user = links.user_of(token, LinkPurpose.VERIFY_EMAIL)
    with atomic(User):
        unproven = User.objects.filter(id=user.id, email=user.email, password=user.password, email_verified=False)
        if not unproven.update(email_verified=True):
            raise links.InvalidLink
        publish(EmailVerified(user_id=user.id))
    user.email_verified = True
    return user


def announce_unverified(user: User) -> None:
    """In the open transaction of a new account, ask for the mail that lets its owner prove the address."""
    if not user.email_verified:
        publish(EmailVerificationRequested(user_id=user.id, request_id=new_id()))
