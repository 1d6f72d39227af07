"""The keys that sign access tokens: made on first use, rotated without anyone's noticing, published as a JWK set.

A new key is published some minutes before it signs, so that every verifier (which asks for an unknown key at most once
a minute) knows it by then. The old one signs until then and stays published as long as a token of it may live.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import F, Q

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from modules.users.logic import key_pairs
from modules.users.models import SigningKey

log = structlog.get_logger(__name__)

# How long a new key is published before it signs.
ANNOUNCED = timedelta(minutes=5)
# How long a process goes without looking for new keys; well below ANNOUNCED.
FRESH = timedelta(seconds=30)
SKEW = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Key:
    """A signing key as a process holds it; the private half is decrypted when it is first needed."""

    kid: UUID
    algorithm: str
    public_jwk: dict[str, Any]
    sealed: bytes
    created_at: datetime
    retired_at: datetime | None

    @cached_property
    def private(self) -> key_pairs.Private:
        return key_pairs.unseal(self.kid, self.sealed)

    @cached_property
    def public(self) -> Any:
        return key_pairs.public_of(self.public_jwk)

    def signs_until(self, instant: datetime) -> bool:
        return self.retired_at is None or self.retired_at > instant


def signing_key() -> Key:
    """The key that signs now; the first is made here, once, however many ask at the same time."""
    key = _signing(_keys())
    try:
        key.private  # noqa: B018  (decrypts)
    except key_pairs.CannotUnseal as error:
        log.error("signing_key_unreadable", kid=str(key.kid))  # noqa: TRY400  (the cause says nothing more)
        raise Unavailable("Nobody can sign in for the moment.", dependency="signing key") from error
    return key


def find_key(kid: str) -> Key | None:
    """The key of that id, also one that signs no more but whose refresh tokens still live."""
    return next((key for key in _keys() if str(key.kid) == kid), None)


def public_keys() -> dict[str, Any]:
    """The JWK set: the key that signs, its announced successor, and the last one while its tokens live."""
    since = clock.now() - settings.ACCESS_TOKEN_LIFETIME - SKEW
    return {"keys": [key.public_jwk for key in _keys() if key.signs_until(since)]}


def list_keys() -> list[Key]:
    """Every key a token may still name, in the order in which they sign, from the database."""
    since = clock.now() - settings.REFRESH_TOKEN_LIFETIME - SKEW
    rows = SigningKey.objects.filter(Q(retired_at=None) | Q(retired_at__gt=since)).order_by(
        F("retired_at").asc(nulls_last=True), "kid"
    )
    return [_key_of(row) for row in rows]


def state_of(key: Key, keys: list[Key]) -> str:
    """signing, announced (signs later), or retired."""
    if not key.signs_until(clock.now()):
        return "retired"
    return "signing" if key == _signing(keys, key.algorithm) else "announced"


def rotate() -> bool:
    """Announce a new key, which takes over in five minutes; False, and nothing, while one is announced already."""
    fresh = _made()
    keys = SigningKey.objects.filter(algorithm=fresh.algorithm)
    with atomic(SigningKey):
        current = keys.select_for_update().filter(retired_at=None).first()
        # Asked after the lock: who waited for it sees what the other did.
        if keys.filter(retired_at__gt=clock.now()).exists():
            return False
        if current:
            keys.filter(kid=current.kid).update(retired_at=clock.now() + ANNOUNCED)
        SigningKey.objects.bulk_create([fresh], ignore_conflicts=True)
    forget()
    return True


def forget_retired() -> int:
    """Delete keys no living token names; repeating is safe."""
    before = clock.now() - settings.REFRESH_TOKEN_LIFETIME - SKEW
    return SigningKey.objects.filter(retired_at__lt=before).delete()[0]


def forget() -> None:
    """Look the keys up anew at the next use in this process."""
    global _cached  # noqa: PLW0603  (this process's one cache of the keys)
    _cached = ([], None)


_cached: tuple[list[Key], datetime | None] = ([], None)


def _keys() -> list[Key]:
    global _cached  # noqa: PLW0603  (see forget)
    keys, loaded_at = _cached
    now = clock.now()
    if loaded_at is None or abs(now - loaded_at) > FRESH:
        keys = _load_or_keep(keys)
        _cached = (keys, now)
    return keys


def _load_or_keep(known: list[Key]) -> list[Key]:
    """The keys of now; those known already while the database does not answer."""
    try:
        return _load()
    except (OperationalError, InterfaceError) as error:
        if not known:
            raise
        log.warning("the signing keys cannot be read; going on with those known", error=repr(error))
        return known


def _load() -> list[Key]:
    known = {key.kid: key for key in _cached[0]}
    keys = list_keys()
    if not any(key.algorithm == settings.JWT_ALGORITHM and key.retired_at is None for key in keys):
        # The partial unique index lets one of those who come here at once make it.
        SigningKey.objects.bulk_create([_made()], ignore_conflicts=True)
        keys = list_keys()
    # One that is known already keeps its decrypted half.
    return [known[key.kid] if known.get(key.kid) == key else key for key in keys]


def _signing(keys: list[Key], algorithm: str | None = None) -> Key:
    now, wanted = clock.now(), algorithm or settings.JWT_ALGORITHM
    return next(key for key in keys if key.algorithm == wanted and key.signs_until(now))


def _made() -> SigningKey:
    row = SigningKey(algorithm=settings.JWT_ALGORITHM)
    private = key_pairs.generate(row.algorithm)
    row.private_key = key_pairs.seal(row.kid, private)
    row.public_jwk = key_pairs.jwk_of(private, row.algorithm, row.kid)
    return row


def _key_of(row: SigningKey) -> Key:
    return Key(
        kid=row.kid,
        algorithm=row.algorithm,
        public_jwk=row.public_jwk,
        sealed=bytes(row.private_key),
        created_at=row.created_at,
        retired_at=row.retired_at,
    )
