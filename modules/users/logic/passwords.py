"""Passwords: how they are hashed, and which are good enough."""

from functools import partial

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.core.exceptions import ValidationError

from ecommerce.kernel.errors import Invalid
from modules.users.models import User


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id as OWASP sizes it: 19 MiB, two passes, one lane. Django's default costs ten times as much a login."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class WeakPassword(Invalid):
    """This password is too easy to guess."""


def check_strength(password: str, *, owner: User, field: str = "password") -> None:
    """Refuse (WeakPassword) what Django's validators refuse, naming `field` and each reason by its code."""
    try:
        password_validation.validate_password(password, owner)
    except ValidationError as error:
        raise WeakPassword(errors=[_reason(one, field) for one in error.error_list]) from error


def matches(password: str, user: User | None) -> bool:
    """Whether it is this user's password, which is hashed anew if that was done in an older way.

    Takes the same time where there is no user.
    """
    if user is None:
        make_password(password)
        return False
    return check_password(password, user.password, partial(_hash_anew, user))


def hashed(password: str) -> str:
    """What is stored of a password."""
    return make_password(password)


def _hash_anew(user: User, password: str) -> None:
    # Not by user.check_password, whose save would undo a reset that came between.
    anew = hashed(password)
    if User.objects.filter(id=user.id, password=user.password).update(password=anew):
        user.password = anew


def _reason(error: ValidationError, field: str) -> dict[str, str]:
    return {"field": field, "code": str(error.code), "detail": error.messages[0]}
