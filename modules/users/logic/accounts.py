"""Accounts: registering, one's own profile, locking."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel import denials
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.events import publish
from modules.users.events import UserRegistered
from modules.users.logic import api_keys, sessions
from modules.users.logic.passwords import check_strength
from modules.users.logic.tokens import InvalidToken
from modules.users.logic.verification import announce_unverified
from modules.users.models import ERASED_AT, User


class EmailTaken(Invalid):
    """There is an account with this e-mail address already."""

    code = "email_taken"


def register(*, password: str, **profile: Any) -> User:
    """Open an account. Refuses a weak password, and an address that has one, whatever its case (EmailTaken)."""
    user = User(**profile)
    if user.email.lower().endswith(ERASED_AT):
        raise _email_taken()
    check_strength(password, owner=user)
    user.set_password(password)
    _insert(user)
    return user


def get_profile(*, user_id: UUID) -> User:
    """The caller's account; InvalidToken when it was closed or locked since the token was signed."""
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None:
        raise InvalidToken
    return user


def change_profile(*, user_id: UUID, **changes: Any) -> User:
    """Change what a user may change of his own account; repeating is safe."""
    if changes:
        User.objects.filter(id=user_id, is_active=True).update(**changes)
    return get_profile(user_id=user_id)


def lock(*, user_ids: list[UUID]) -> int:
    """Keep these users out, and end their sessions; repeating is safe. Returns how many were not locked before."""
    with atomic(User):
        locked = User.objects.filter(id__in=user_ids, is_active=True).update(is_active=False)
        sessions.revoke_all(user_ids=user_ids)
    for user_id in user_ids:
        denials.deny(user_id)
    api_keys.deny_keys_of(user_ids)
    return locked


def unlock(*, user_ids: list[UUID]) -> int:
    """Let these users in again, but for the erased; repeating is safe. Returns how many were locked before."""
    unlocked = User.objects.filter(id__in=user_ids, is_active=False, erased_at=None).update(is_active=True)
    let_in = list(User.objects.filter(id__in=user_ids, is_active=True).values_list("id", flat=True))
    for user_id in let_in:
        denials.allow(user_id)
    api_keys.allow_keys_of(let_in)
    _deny_again(let_in)
    return unlocked


def _deny_again(user_ids: list[UUID]) -> None:
    """Whoever was locked meanwhile: who locked him may have denied him before he was allowed."""
    locked = list(User.objects.filter(id__in=user_ids, is_active=False).values_list("id", flat=True))
    for user_id in locked:
        denials.deny(user_id)
    api_keys.deny_keys_of(locked)


def _insert(user: User) -> None:
    try:
        with atomic(User):
            user.save(force_insert=True)
            publish(UserRegistered(user_id=user.id))
            announce_unverified(user)
    except IntegrityError as error:
        # The index judges, so of two who register one address at once exactly one has it.
        if "user_email_once" not in str(error):
            raise
        raise _email_taken() from error


def _email_taken() -> EmailTaken:
    taken = {"field": "email", "code": EmailTaken.code, "detail": EmailTaken.__doc__ or ""}
    return EmailTaken(errors=[taken])
