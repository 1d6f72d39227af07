"""Who is calling. Users signs access tokens; every module verifies them by itself with users' public keys."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import httpx2
import jwt
from django.conf import settings

from ecommerce.kernel.errors import Unavailable

ACCESS = "access"
REFETCH_SECONDS = 60
MAX_AGE_SECONDS = 3600
# How far the clocks of two machines may be apart.
LEEWAY_SECONDS = 5


class BadToken(Exception):
    """The bearer token is not one of ours, is altered, or has expired."""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """A verified caller; `Principal.anonymous` when there is no token."""

    anonymous: ClassVar["Principal"]

    id: UUID | None
    is_staff: bool = False
    scopes: frozenset[str] = frozenset()
    session_id: UUID | None = None
    # The member of staff who acts as this customer (RFC 8693, `act`); None when the customer came in person.
    actor_id: UUID | None = None
    # A machine: `id` is its API key's.
    is_api_key: bool = False

    @property
    def is_authenticated(self) -> bool:
        return self.id is not None

    @property
    def pk(self) -> str | None:
        return str(self.id) if self.id else None

    def may(self, scope: str) -> bool:
        """Whether the caller is staff with this scope; `*` is every scope."""
        return self.is_staff and (scope in self.scopes or "*" in self.scopes)


Principal.anonymous = Principal(id=None)


def anonymous() -> Principal:
    """The caller without a token."""
    return Principal.anonymous


class KeySet:
    """Users' public keys: cached, refetched for an unknown `kid` at most once a minute, kept as last good."""

    def __init__(self, fetch: Callable[[], dict[str, Any]]) -> None:
        self._fetch = fetch
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at = float("-inf")

    def find(self, kid: str) -> jwt.PyJWK | None:
        """The key of that id, or None when users does not know it; Unavailable when none was ever fetched."""
        age = time.monotonic() - self._asked_at
        if (kid not in self._keys and age > REFETCH_SECONDS) or age > MAX_AGE_SECONDS or not self._keys:
            self._refresh()
        return self._keys.get(kid)

    def forget(self) -> None:
        """Drop what is cached (after a rotation in this process, and in tests)."""
        self._keys, self._asked_at = {}, float("-inf")

    def _refresh(self) -> None:
        self._asked_at = time.monotonic()
        try:
            document = self._fetch()
        except (Unavailable, httpx2.HTTPError) as error:
            if self._keys:
                return
            raise Unavailable("The signing keys cannot be fetched.", dependency="users") from error
        self._keys = {key["kid"]: jwt.PyJWK(key) for key in document["keys"]}


def _fetch_from_users() -> dict[str, Any]:
    url = settings.REMOTE_MODULES["users"] + "/api/v1/users/jwks/"
    document: dict[str, Any] = httpx2.get(url, timeout=3).raise_for_status().json()
    return document


_keys = KeySet(_fetch_from_users)


def use_keys(fetch: Callable[[], dict[str, Any]]) -> None:
    """Where users is local, it hands its keys over by a function instead of HTTP."""
    global _keys  # noqa: PLW0603  (set once, by users' AppConfig)
    _keys = KeySet(fetch)


def forget_keys() -> None:
    """Fetch the keys anew for the next token."""
    _keys.forget()


def verify(token: str) -> Principal:
    """The principal of a valid access token; BadToken for any other string. Asks no database."""
    try:
        kid = jwt.get_unverified_header(token).get("kid", "")
        key = _keys.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise BadToken("unknown key")
        claims = jwt.decode(
            token,
            key.key,
            algorithms=[settings.JWT_ALGORITHM],
            issuer=settings.JWT_ISSUER,
            audience=settings.JWT_AUDIENCE,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "sub", "token_type"]},
        )
        return _principal(claims)
    except (jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
        raise BadToken(str(error)) from error


def _principal(claims: dict[str, Any]) -> Principal:
    if claims["token_type"] != ACCESS:
        raise BadToken("not an access token")
    return Principal(
        id=UUID(claims["sub"]),
        is_staff=bool(claims.get("is_staff", False)),
        scopes=frozenset(str(claims.get("scope", "")).split()),
        session_id=UUID(claims["sid"]) if claims.get("sid") else None,
        actor_id=UUID(claims["act"]["sub"]) if claims.get("act") else None,
        is_api_key=bool(claims.get("api_key", False)),
    )
