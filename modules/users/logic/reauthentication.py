"""Showing one's password again, before something that a stolen access token must not be able to do."""

from uuid import UUID

from ecommerce.kernel.errors import Invalid
from modules.users.logic import login_limits, passwords
from modules.users.logic.tokens import InvalidToken
from modules.users.models import User


class WrongPassword(Invalid):
    """This is not the account's password."""

    code = "wrong_password"


def confirm_password(*, user_id: UUID, password: str, network: str, field: str = "password") -> User:
    """The caller's account, if that is its password. Failures count as those of signing in do, and lock likewise.

    Refuses WrongPassword naming `field`, SignInLocked after five failures, InvalidToken when the account is closed.
    """
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None:
        raise InvalidToken
    login_limits.count_attempt(user.email, network)
    if not passwords.matches(password, user):
        wrong = {"field": field, "code": WrongPassword.code, "detail": WrongPassword.__doc__ or ""}
        raise WrongPassword(errors=[wrong])
    login_limits.forget_failures(user.email, network)
    return user
