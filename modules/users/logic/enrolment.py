"""Switching the second factor on and off, and new recovery codes.

A stolen access token is good for none of it: each takes the password, and what there is to lose a code besides.
Switched on or off, it ends every other session: they began under another rule, or are the thief's.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import pyotp
import structlog
from django.conf import settings
from django.db.models import Count, Q

from ecommerce.kernel import chance, clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, Invalid, NotFound
from modules.users.logic import recovery_codes, second_factor, sessions
from modules.users.logic.reauthentication import WrongPassword, confirm_password
from modules.users.logic.tokens import InvalidToken
from modules.users.models import RecoveryCode, SecondFactor, User

log = structlog.get_logger(__name__)

# As long as the hash's result (RFC 4226, 4, R6).
SECRET_BYTES = 20


class SecondFactorEnabled(Conflict):
    """This account has a second factor already: switch it off first."""

    code = "second_factor_enabled"


class SecondFactorOff(Conflict):
    """This account has no second factor."""

    code = "second_factor_off"


class SecondFactorNotStarted(Conflict):
    """There is nothing to confirm: ask for a secret first."""

    code = "second_factor_not_started"


class WrongCode(Invalid):
    """This code is wrong, or was used before."""

    code = "invalid_code"


class NoSuchAccount(NotFound):
    """There is no account with this e-mail address."""

    code = "no_such_account"


@dataclass(frozen=True, kw_only=True)
class State:
    """Whether an account has a second factor, since when, and how many recovery codes were not used."""

    enabled: bool
    enabled_at: datetime | None
    recovery_codes_left: int


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What an authenticator app is given: the secret, and the same as an address for a QR code."""

    secret: str
    otpauth_url: str


def get_state(*, user_id: UUID) -> State:
    """The caller's second factor; InvalidToken when the account is closed."""
    left = Count("recovery_codes", filter=Q(recovery_codes__used_at=None))
    account = User.objects.filter(id=user_id, is_active=True).annotate(left=left)
    row = account.values_list("second_factor_at", "left").first()
    if row is None:
        raise InvalidToken
    return State(enabled=row[0] is not None, enabled_at=row[0], recovery_codes_left=row[1])


def start(*, user_id: UUID, password: str, network: str) -> Offer:
    """A new secret, in force once it is confirmed; it replaces one that was not. Refuses where one is in force."""
    user = confirm_password(user_id=user_id, password=password, network=network)
    secret = base64.b32encode(chance.random_bytes(SECRET_BYTES)).decode()
    factor = SecondFactor(user=user)
    factor.secret = second_factor.seal(factor, secret)
    with atomic(SecondFactor):
        # Hashing took a while: the password may have been replaced meanwhile, and then it asks for nothing any more.
        shown = User.objects.select_for_update(no_key=True).filter(id=user.id, is_active=True, password=user.password)
        row = shown.values_list("second_factor_at").first()
        if row is None:
            raise WrongPassword
        if row[0] is not None:
            raise SecondFactorEnabled
        SecondFactor.objects.filter(user=user).delete()
        factor.save(force_insert=True)
    return Offer(secret=secret, otpauth_url=_otpauth_url(user, secret))


def confirm(*, user_id: UUID, session_id: UUID | None, code: str) -> list[str]:
    """Switch it on by a first code of the app, and end the other sessions. Returns the recovery codes, this once."""
    user = User.objects.select_related("second_factor").filter(id=user_id, is_active=True).first()
    if user is None:
        raise InvalidToken
    if user.second_factor_at is not None:
        raise SecondFactorEnabled
    factor = second_factor.find_factor(user)
    if factor is None:
        raise SecondFactorNotStarted
    # Outside of the transaction: a failure is counted even though it is refused.
    _check(factor, code)
    with atomic(User):
        if not User.objects.filter(id=user.id, second_factor_at=None).update(second_factor_at=clock.now()):
            raise SecondFactorEnabled
        # Asked under the account's lock, which `start` takes too: the secret may have been replaced meanwhile.
        if not SecondFactor.objects.filter(id=factor.id).exists():
            raise _wrong_code()
        sessions.revoke_all(user_ids=[user.id], besides=session_id)
        codes = recovery_codes.renew(user_id=user.id)
    log.info("second_factor_enabled", user_id=str(user.id))
    return codes


def switch_off(*, user_id: UUID, session_id: UUID | None, password: str, code: str, network: str) -> None:
    """Do without it from now on, and end the other sessions. Takes the password and a code of either kind."""
    user = _confirmed(user_id, password, code, network)
    with atomic(User):
        as_read = User.objects.filter(id=user.id, second_factor_at=user.second_factor_at)
        if not as_read.update(second_factor_at=None):
            raise SecondFactorOff
        _forget(user.id)
        sessions.revoke_all(user_ids=[user.id], besides=session_id)
    log.info("second_factor_disabled", user_id=str(user.id))


def renew_recovery_codes(*, user_id: UUID, password: str, code: str, network: str) -> list[str]:
    """Ten new recovery codes in the place of the old ones; takes the password and a code, as `switch_off` does."""
    user = _confirmed(user_id, password, code, network)
    with atomic(User):
        as_read = User.objects.select_for_update(no_key=True).filter(id=user.id, second_factor_at=user.second_factor_at)
        if as_read.values_list("id").first() is None:
            raise SecondFactorOff
        return recovery_codes.renew(user_id=user.id)


def forget_offer(*, user_id: UUID) -> None:
    """In the transaction of a new password: what was asked for with the old one, and is not in force, is gone.

    Else whoever knew the old one would confirm it by an access token that lives on for minutes, and the owner be out.
    """
    SecondFactor.objects.filter(user_id=user_id, user__second_factor_at=None).delete()


def find_account(*, email: str) -> User:
    """The account that staff name by its address; NoSuchAccount."""
    user = User.objects.with_email(email).first()
    if user is None:
        raise NoSuchAccount
    return user


def reset(*, user_id: UUID) -> bool:
    """Do without the factor of who lost both phone and recovery codes, and end every session. Repeating is safe.

    Returns whether there was one, confirmed or not.
    """
    with atomic(User):
        was_on = User.objects.filter(id=user_id, second_factor_at__isnull=False).update(second_factor_at=None)
        had_one = _forget(user_id)
        if not (was_on or had_one):
            return False
        sessions.revoke_all(user_ids=[user_id])
    log.warning("second_factor_reset", user_id=str(user_id))
    return True


def _confirmed(user_id: UUID, password: str, code: str, network: str) -> User:
    user = confirm_password(user_id=user_id, password=password, network=network)
    if user.second_factor_at is None:
        raise SecondFactorOff
    _check(second_factor.find_factor(user), code)
    return user


def _check(factor: SecondFactor | None, code: str) -> None:
    if not second_factor.accepts(factor, code):
        raise _wrong_code()


def _wrong_code() -> WrongCode:
    return WrongCode(errors=[{"field": "code", "code": WrongCode.code, "detail": WrongCode.__doc__ or ""}])


def _forget(user_id: UUID) -> bool:
    RecoveryCode.objects.filter(user_id=user_id).delete()
    return bool(SecondFactor.objects.filter(user_id=user_id).delete()[0])


def _otpauth_url(user: User, secret: str) -> str:
    # Apps list their codes by issuer and account: the shop's host tells two shops apart.
    issuer = urlsplit(settings.PUBLIC_URL).hostname or "shop"
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=issuer)
