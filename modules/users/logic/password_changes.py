"""New passwords: by who knows the present one, or by who reads the account's mail."""

from typing import Any
from uuid import UUID

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict
from ecommerce.kernel.events import publish
from ecommerce.kernel.ids import new_id
from modules.users.contracts import LinkPurpose
from modules.users.events import EmailVerified, PasswordChanged
from modules.users.logic import enrolment, links, login_limits, passwords, reauthentication, sessions, takeovers
from modules.users.models import User

FIELD = "new_password"


class PasswordChangedMeanwhile(Conflict):
    """The password was changed by somebody else just now."""

    code = "password_changed_meanwhile"


def change_password(
    *, user_id: UUID, session_id: UUID | None, current_password: str, new_password: str, network: str
) -> None:
    """Give the caller another password and end every other session. Refuses a wrong present one, and a weak new one."""
    user = reauthentication.confirm_password(
        user_id=user_id, password=current_password, network=network, field="current_password"
    )
    passwords.check_strength(new_password, owner=user, field=FIELD)
    if not _replace(user, new_password, keep_session=session_id):
        raise PasswordChangedMeanwhile


def reset_password(*, token: str, new_password: str, network: str) -> None:
    """Give an account another password by the token of a mailed link, and end every session of it.

    The token serves once (InvalidLink afterwards), and stays good when the new password is refused as weak. Whoever
    reads the mail also has the address: it counts as verified, and the account is no longer locked for guessing.
    """
    user = links.user_of(token, LinkPurpose.RESET_PASSWORD)
    passwords.check_strength(new_password, owner=user, field=FIELD)
    if not _replace(user, new_password, keep_session=None, email_verified=True):
        raise links.InvalidLink
    login_limits.forget_failures(user.email, network, everywhere=True)


def _replace(user: User, new_password: str, *, keep_session: UUID | None, **changes: Any) -> bool:
    """Exchange the password that `user` was read with; False when it was exchanged by somebody else since."""
    hashed = passwords.hashed(new_password)
    with atomic(User):
        as_read = User.objects.filter(id=user.id, is_active=True, password=user.password, email=user.email)
        if not as_read.update(password=hashed, **changes):
            return False
        sessions.revoke_all(user_ids=[user.id], besides=keep_session)
        enrolment.forget_offer(user_id=user.id)
        publish(PasswordChanged(user_id=user.id, change_id=new_id()))
        if changes.get("email_verified") and not user.email_verified:
            # Nobody ever showed the address to be theirs until now: what was there before may be somebody else's.
            takeovers.forget_ways_in(user)
            publish(EmailVerified(user_id=user.id))
    return True
