"""Access and refresh tokens: JWTs signed with users' own keys. SimpleJWT encodes and decodes them, nothing else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from ecommerce.kernel import clock
from ecommerce.kernel.errors import ServiceError
from modules.users.logic import second_factor
from modules.users.logic.scopes import held_by
from modules.users.logic.signing_keys import Key, find_key, signing_key
from modules.users.models import User


class InvalidToken(ServiceError):
    """This token is not one of ours, is altered, or has expired."""

    code = "invalid_token"
    status = 401


@dataclass(frozen=True, kw_only=True)
class RefreshToken:
    """What makes a refresh token: the same three make the very same token again."""

    id: UUID
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Presented:
    """What a refresh token says of itself, its signature verified."""

    id: UUID
    session_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """An access token that nothing refreshes; `expires_in` counts its seconds."""

    access: str
    expires_in: int


def sign_access(user: User, session_id: UUID) -> str:
    """An access token, which every module verifies by itself (kernel.identity). One statement, for staff alone.

    Staff who lack the second factor that STAFF_MFA asks of them are ordinary customers until they have one.
    """
    now, is_staff = clock.now(), user.is_staff and not second_factor.is_lacking(user)
    scope = " ".join(sorted(held_by(user))) if is_staff else ""
    return _sign_access(user.id, now, _end(now), sid=str(session_id), is_staff=is_staff, scope=scope)


def sign_machine_access(*, key_id: UUID, scopes: frozenset[str], at: datetime, until: datetime | None) -> AccessToken:
    """An access token for an API key, which it does not outlive."""
    end = _end(at) if until is None else min(_end(at), until)
    access = _sign_access(key_id, at, end, is_staff=True, scope=" ".join(sorted(scopes)), api_key=True)
    return AccessToken(access=access, expires_in=_seconds(end) - _seconds(at))


def sign_acting_access(*, user_id: UUID, actor_id: UUID, at: datetime) -> AccessToken:
    """An access token of a customer for a member of staff, who is named in it (RFC 8693, `act`)."""
    access = _sign_access(user_id, at, _end(at), is_staff=False, scope="", act={"sub": str(actor_id)})
    return AccessToken(access=access, expires_in=int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()))


def sign_refresh(token: RefreshToken, session_id: UUID) -> str:
    """A refresh token; nobody but `read_refresh` takes it for anything."""
    return _sign(
        token_type="refresh",  # noqa: S106  (the kind of token)
        jti=str(token.id),
        sid=str(session_id),
        iat=_seconds(token.issued_at),
        exp=_seconds(token.expires_at),
    )


def read_refresh(token: str) -> Presented:
    """What a refresh token names; InvalidToken for any other string and for an expired one."""
    try:
        claims = KeyedBackend(_key_of(token)).decode(token)  # type: ignore[arg-type]  # it takes the string
        if claims["token_type"] != "refresh" or "exp" not in claims:  # noqa: S105  (the kind of token)
            raise InvalidToken
        return Presented(id=UUID(claims["jti"]), session_id=UUID(claims["sid"]))
    except (TokenBackendError, jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidToken from error


class KeyedBackend(TokenBackend):
    """SimpleJWT's backend for one of our keys, whose id it writes in the header."""

    def __init__(self, key: Key) -> None:
        super().__init__(key.algorithm, audience=settings.JWT_AUDIENCE, issuer=settings.JWT_ISSUER)
        self._key = key

    def encode(self, payload: dict[str, Any]) -> str:
        claims = payload | {"iss": self.issuer, "aud": self.audience}
        return jwt.encode(claims, self._key.private, self.algorithm, headers={"kid": str(self._key.kid)})

    def get_verifying_key(self, token: Any) -> Any:
        return self._key.public


def _sign_access(subject: UUID, at: datetime, end: datetime, **claims: Any) -> str:
    times = {"iat": _seconds(at), "exp": _seconds(end)}
    return _sign(token_type="access", sub=str(subject), **claims, **times)  # noqa: S106  (the kind of token)


def _end(at: datetime) -> datetime:
    end: datetime = at + settings.ACCESS_TOKEN_LIFETIME
    return end


def _sign(**claims: Any) -> str:
    token: str = KeyedBackend(signing_key()).encode(claims)
    return token


def _key_of(token: str) -> Key:
    kid = jwt.get_unverified_header(token).get("kid")
    key = find_key(kid) if isinstance(kid, str) else None
    if key is None:
        raise InvalidToken
    return key


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
