"""The second factor: a code of an authenticator app (TOTP, RFC 6238) or, once each, a recovery code.

A code serves once: an UPDATE that only a later time step passes writes down which was used, so of two who bring one
code at the same time one is refused. Wrong codes are counted in the same row, whatever network they come from and
whether Redis answers or not (RFC 6238, 5.2): who gets here knows the password, so nobody else can lock the account.
"""

from datetime import timedelta
from typing import Any

import pyotp
import structlog
from django.conf import settings
from django.core.checks import Warning as CheckWarning
from django.db.models import Case, F, Q, QuerySet, When
from pyotp.exceptions import OTPVerificationError

from ecommerce.kernel import clock, secrets
from ecommerce.kernel.errors import ServiceError, Unavailable
from modules.users.logic import recovery_codes
from modules.users.logic.login_limits import FAILURES, LOCK_SECONDS, SignInLocked
from modules.users.models import SecondFactor, User

log = structlog.get_logger(__name__)

DIGITS = 6
# How many steps of 30 seconds a phone's clock may be wrong, either way.
SKEW_STEPS = 1
LOCK = timedelta(seconds=LOCK_SECONDS)


class SecondFactorRequired(ServiceError):
    """This account has a second factor: send a code of it too."""

    code = "second_factor_required"
    status = 401


class InvalidCode(ServiceError):
    """This code is wrong, or was used before."""

    code = "invalid_code"
    status = 401


def prove(user: User, code: str | None) -> None:
    """Let pass who has no second factor or brings a code of it, which serves once. Call it after the password.

    Refuses SecondFactorRequired without a code, InvalidCode, and SignInLocked after five wrong ones.
    """
    if user.second_factor_at is None:
        return
    if not code:
        raise SecondFactorRequired
    if not accepts(find_factor(user), code):
        raise InvalidCode


def accepts(factor: SecondFactor | None, code: str) -> bool:
    """Whether the code is right and was not used, which it is hereby; SignInLocked after five that were not."""
    if factor is None:
        return False
    plain = code.replace(" ", "").replace("-", "").lower()
    is_of_an_app = len(plain) == DIGITS and plain.isascii() and plain.isdigit()
    claimed = _claim_step(factor, plain) if is_of_an_app else _claim_recovery_code(factor, plain)
    if not claimed:
        _count_failure(factor)
    return claimed


def find_factor(user: User) -> SecondFactor | None:
    """The user's factor, confirmed or not; no statement where the user was read with it."""
    factor: SecondFactor | None = getattr(user, "second_factor", None)
    return factor


def is_lacking(user: User) -> bool:
    """Whether this is a member of staff without the second factor that STAFF_MFA asks for."""
    return settings.STAFF_MFA == "required" and user.is_staff and user.second_factor_at is None


def seal(factor: SecondFactor, secret: str) -> bytes:
    """The secret encrypted and bound to the factor's id: moved to another's row it is worthless."""
    return secrets.encrypt(_purpose(factor), secret.encode())


def unseal(factor: SecondFactor) -> str:
    """The secret in the clear; secrets.CannotDecrypt when its key is gone from SECRET_KEY and its fallbacks."""
    return secrets.decrypt(_purpose(factor), bytes(factor.secret)).decode()


def staff_have_one(**_: Any) -> list[CheckWarning]:
    """`check --deploy`: a member of staff's password alone opens the shop."""
    if settings.STAFF_MFA == "required":
        return []
    return [CheckWarning("STAFF_MFA is off: a password is all that staff need.", id="shop.W001")]


def _claim_step(factor: SecondFactor, code: str) -> bool:
    secret = _readable(factor)
    try:
        step = pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=clock.now(), valid_window=SKEW_STEPS)
    except OTPVerificationError:
        return False
    unused = _unlocked(factor).filter(last_step__lt=step)
    # Encrypted anew each time, so that an old SECRET_KEY may go once everybody has signed in.
    return bool(unused.update(last_step=step, secret=seal(factor, secret), failures=0, failed_at=None))


def _claim_recovery_code(factor: SecondFactor, code: str) -> bool:
    if not _unlocked(factor).exists() or not recovery_codes.claim(user_id=factor.user_id, code=code):
        return False
    SecondFactor.objects.filter(id=factor.id).update(failures=0, failed_at=None)
    return True


def _count_failure(factor: SecondFactor) -> None:
    now = clock.now()
    # Those of long ago are forgotten.
    counted = Case(When(failed_at__lte=now - LOCK, then=1), default=F("failures") + 1)
    if _unlocked(factor).update(failures=counted, failed_at=now):
        return
    failed_at = SecondFactor.objects.filter(id=factor.id).values_list("failed_at", flat=True).first()
    if failed_at is not None:
        log.warning("second_factor_locked", user_id=str(factor.user_id))
        raise SignInLocked(retry_after=max(1, int((failed_at + LOCK - now).total_seconds())))


def _unlocked(factor: SecondFactor) -> QuerySet[SecondFactor]:
    open_again = Q(failures__lt=FAILURES) | Q(failed_at__lte=clock.now() - LOCK)
    return SecondFactor.objects.filter(open_again, id=factor.id)


def _readable(factor: SecondFactor) -> str:
    try:
        return unseal(factor)
    except secrets.CannotDecrypt as error:
        log.error("second_factor_unreadable", user_id=str(factor.user_id))  # noqa: TRY400  (the cause says nothing more)
        raise Unavailable("Codes of this second factor cannot be checked.", dependency="second factor") from error


def _purpose(factor: SecondFactor) -> str:
    return f"second-factor:{factor.id}"
