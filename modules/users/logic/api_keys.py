"""Machines' keys: `shop_<prefix>_<secret>`, exchanged for ordinary access tokens (docs/decisions/0015).

A key can do what was asked for when it was made, as long as who made it may still do that himself.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from ecommerce.kernel import chance, clock, denials
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid, NotFound, ServiceError
from modules.users.contracts import Scope
from modules.users.logic.scopes import check_held, common, held_by, lock_people
from modules.users.logic.tokens import AccessToken, sign_machine_access
from modules.users.models import ApiKey

BRAND = "shop"
PREFIX_BYTES = 6
SECRET_BYTES = 32
# A key in use is written this often, not at each use.
NOTED_EVERY = timedelta(minutes=1)


class InvalidApiKey(ServiceError):
    """This API key is not one of ours, has expired, or was revoked."""

    code = "invalid_api_key"
    status = 401


class ApiKeyNotFound(NotFound):
    """There is no such API key."""


class ExpiryPassed(Invalid):
    """A key cannot have expired before it is made."""

    code = "expiry_passed"


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key that was just made; `key` is never seen again."""

    row: ApiKey
    key: str


def list_keys() -> QuerySet[ApiKey]:
    """Every key, revoked ones too."""
    return ApiKey.objects.all()


def make_key(*, actor_id: UUID, name: str, scopes: list[str], expires_at: datetime | None = None) -> NewKey:
    """Make a key with scopes that the actor holds (else ScopeNotHeld)."""
    if expires_at is not None and expires_at <= clock.now():
        passed = {"field": "expires_at", "code": ExpiryPassed.code, "detail": ExpiryPassed.__doc__ or ""}
        raise ExpiryPassed(errors=[passed])
    prefix, secret = chance.random_bytes(PREFIX_BYTES).hex(), _text(chance.random_bytes(SECRET_BYTES))
    row = ApiKey(
        name=name,
        prefix=prefix,
        secret_hash=_hash(secret),
        scopes=sorted({str(scope) for scope in scopes}),
        created_by_id=actor_id,
        expires_at=expires_at,
    )
    with atomic(ApiKey):
        check_held(held_by(lock_people(actor_id).get(actor_id)), {Scope.ROLES_WRITE, *row.scopes})
        row.save(force_insert=True)
    return NewKey(row=row, key=f"{BRAND}_{prefix}_{secret}")


def revoke_key(*, actor_id: UUID, key_id: UUID) -> None:
    """End a key; repeating is safe. Refuses (ScopeNotHeld) another's that reaches further than the actor."""
    with atomic(ApiKey):
        held = held_by(lock_people(actor_id).get(actor_id))
        row = ApiKey.objects.select_for_update(no_key=True).filter(id=key_id).first()
        if row is None:
            raise ApiKeyNotFound
        check_held(held, {Scope.ROLES_WRITE} if row.created_by_id == actor_id else {Scope.ROLES_WRITE, *row.scopes})
        ApiKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=clock.now())
    # Its access tokens would live for up to ten minutes more.
    denials.deny(key_id)


def keys_of(user_ids: Iterable[UUID]) -> list[UUID]:
    """The ids of these people's keys, revoked ones too."""
    return list(ApiKey.objects.filter(created_by_id__in=list(user_ids)).values_list("id", flat=True))


def deny_keys_of(user_ids: Iterable[UUID]) -> None:
    """Refuse the access tokens that these people's keys were given; for who is locked. Repeating is safe."""
    for key_id in keys_of(user_ids):
        denials.deny(key_id)


def allow_keys_of(user_ids: Iterable[UUID]) -> None:
    """Take the access tokens of these people's keys again, but for keys that were revoked. Repeating is safe."""
    keys = ApiKey.objects.filter(created_by_id__in=list(user_ids), revoked_at=None)
    allowed = list(keys.values_list("id", flat=True))
    for key_id in allowed:
        denials.allow(key_id)
    # Whoever revoked one meanwhile may have denied it before it was allowed.
    for key_id in ApiKey.objects.filter(id__in=allowed, revoked_at__isnull=False).values_list("id", flat=True):
        denials.deny(key_id)


def exchange(*, key: str) -> AccessToken:
    """An access token with the key's scopes, cut to what its maker still holds; InvalidApiKey where nothing is left."""
    # Looked at before the key is: whoever revokes it after that denies its tokens for longer than this one lives.
    at = clock.now()
    row = _find(key)
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= at):
        raise InvalidApiKey
    scopes = common(held_by(row.created_by), row.scopes)
    if not scopes:
        raise InvalidApiKey
    _note_use(row, at)
    return sign_machine_access(key_id=row.id, scopes=scopes, at=at, until=row.expires_at)


def _find(key: str) -> ApiKey | None:
    brand, _, rest = key.partition("_")
    prefix, _, secret = rest.partition("_")
    row = ApiKey.objects.select_related("created_by").filter(prefix=prefix).first() if brand == BRAND else None
    return row if row and hmac.compare_digest(bytes(row.secret_hash), _hash(secret)) else None


def _note_use(row: ApiKey, at: datetime) -> None:
    before = at - NOTED_EVERY
    if row.last_used_at is None or row.last_used_at <= before:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=before)
        ApiKey.objects.filter(stale, id=row.id).update(last_used_at=at)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def _text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
