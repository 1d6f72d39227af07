"""Sessions: signing in, going on with a fresh pair of tokens, signing out.

A session is a family of refresh tokens. Exchanging one is a single UPDATE that only one request can win; whoever comes
a moment later with the same token (a second tab, a repeated request) is given the winner's successor. Anyone who comes
with an older one has a copy: then nobody may go on.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from ecommerce.kernel import clock, wire
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import NotFound, ServiceError
from ecommerce.kernel.ids import new_id
from modules.users.logic import login_limits, passwords, second_factor
from modules.users.logic.tokens import Presented, RefreshToken, read_refresh, sign_access, sign_refresh
from modules.users.models import RefreshSession, User
from modules.users.models.sessions import NETWORK_LENGTH, USER_AGENT_LENGTH

# How long the same refresh token gives the same successor.
GRACE = timedelta(seconds=10)


class InvalidCredentials(ServiceError):
    """No account has this e-mail address and password."""

    code = "invalid_credentials"
    status = 401


class TokenRevoked(ServiceError):
    """This session has ended: sign in again."""

    code = "token_revoked"
    status = 401


class TokenReused(ServiceError):
    """This refresh token was used before, so the session was ended: sign in again."""

    code = "token_reused"
    status = 401


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """What a storefront holds for a signed-in customer; `expires_in` counts the access token's seconds."""

    access: str
    refresh: str
    expires_in: int


def sign_in(*, email: str, password: str, network: str, user_agent: str = "", code: str | None = None) -> TokenPair:
    """Begin a session. Refuses wrong credentials, and every attempt after five failures from this network.

    Where the account has a second factor it takes a `code` too: SecondFactorRequired without, InvalidCode.
    """
    login_limits.count_attempt(email, network)
    user = User.objects.with_email(email).select_related("second_factor").filter(is_active=True).first()
    if not passwords.matches(password, user) or user is None:
        raise InvalidCredentials
    _prove(user, code, network)
    login_limits.forget_failures(email, network)
    return begin(user=user, network=network, user_agent=user_agent)


def begin(*, user: User, network: str, user_agent: str = "") -> TokenPair:
    """Begin a session for somebody who has shown who he is; InvalidCredentials when he was locked meanwhile."""
    token = _new_token()
    return _pair(_begin(user, token, network, user_agent), token)


def refresh(*, token: str) -> TokenPair:
    """Exchange a refresh token for the next pair; again within ten seconds for the same one.

    Refuses what is no token of ours, a used one (which ends the session), and those of an ended session.
    """
    presented = read_refresh(token)
    session = _open_session(presented)
    if session.token_id == presented.id:
        if successor := _exchange(session):
            return _pair(session, successor)
        session = _open_session(presented)
    return _pair(session, _successor_of(presented, session))


def revoke(*, token: str) -> None:
    """End the session of a refresh token, also of a used one; repeating is safe."""
    presented = read_refresh(token)
    _revoke(presented.session_id)


def revoke_all(*, user_ids: list[UUID], besides: UUID | None = None) -> None:
    """End every session of these users (`besides` one); repeating is safe."""
    ended = RefreshSession.objects.filter(user_id__in=user_ids, revoked_at=None)
    if besides:
        ended = ended.exclude(id=besides)
    ended.update(revoked_at=clock.now())


def sessions_of(user_id: UUID) -> QuerySet[RefreshSession]:
    """The sessions of a user that can still go on."""
    return RefreshSession.objects.filter(user_id=user_id, revoked_at=None, expires_at__gt=clock.now())


def end_session(*, user_id: UUID, session_id: UUID) -> None:
    """End one session of a user; repeating is safe. Refuses (NotFound) one that is not theirs."""
    if not RefreshSession.objects.filter(id=session_id, user_id=user_id).exists():
        raise NotFound
    _revoke(session_id)


def forget_expired() -> int:
    """Delete sessions whose last token has expired; repeating is safe."""
    return RefreshSession.objects.filter(expires_at__lt=clock.now()).delete()[0]


def _prove(user: User, code: str | None, network: str) -> None:
    try:
        second_factor.prove(user, code)
    except second_factor.SecondFactorRequired:
        # The password was right, so it is no failure; without the code it is no success that makes up for one either.
        login_limits.take_back_attempt(user.email, network)
        raise


def _begin(user: User, token: RefreshToken, network: str, user_agent: str) -> RefreshSession:
    # Hashing took a while: who was locked, or given another password or a second factor, in the meantime
    # has no new session after it.
    unchanged = User.objects.select_for_update(no_key=True).filter(
        id=user.id, is_active=True, password=user.password, second_factor_at=user.second_factor_at
    )
    with atomic(RefreshSession):
        if unchanged.values_list("id").first() is None:
            raise InvalidCredentials
        return RefreshSession.objects.create(
            user=user,
            token_id=token.id,
            issued_at=token.issued_at,
            expires_at=token.expires_at,
            network=network[:NETWORK_LENGTH],
            user_agent=user_agent[:USER_AGENT_LENGTH],
        )


def _new_token() -> RefreshToken:
    now = clock.now()
    return RefreshToken(id=new_id(), issued_at=now, expires_at=now + settings.REFRESH_TOKEN_LIFETIME)


def _pair(session: RefreshSession, token: RefreshToken) -> TokenPair:
    return TokenPair(
        access=sign_access(session.user, session.id),
        refresh=sign_refresh(token, session.id),
        expires_in=int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
    )


def _open_session(presented: Presented) -> RefreshSession:
    session = RefreshSession.objects.select_related("user").filter(id=presented.session_id).first()
    if session is None or session.revoked_at is not None or not session.user.is_active:
        raise TokenRevoked
    return session


def _exchange(session: RefreshSession) -> RefreshToken | None:
    """Claim the session's current token: the successor, or None when somebody else was quicker."""
    successor = _new_token()
    still_current = RefreshSession.objects.filter(id=session.id, token_id=session.token_id, revoked_at=None)
    claimed = still_current.update(
        token_id=successor.id,
        issued_at=successor.issued_at,
        expires_at=successor.expires_at,
        replaced=wire.to_plain([old for old, _ in _repeatable([*_chain(session), successor])]),
    )
    return successor if claimed else None


def _successor_of(presented: Presented, session: RefreshSession) -> RefreshToken:
    for old, successor in _repeatable(_chain(session)):
        if old.id == presented.id:
            return successor
    raise TokenReused if _revoke(session.id) else TokenRevoked


def _repeatable(chain: list[RefreshToken]) -> list[tuple[RefreshToken, RefreshToken]]:
    """Of a chain of tokens those exchanged a moment ago, each with its successor."""
    since = clock.now() - GRACE
    return [(old, successor) for old, successor in pairwise(chain) if successor.issued_at > since]


def _chain(session: RefreshSession) -> list[RefreshToken]:
    current = RefreshToken(id=session.token_id, issued_at=session.issued_at, expires_at=session.expires_at)
    return [*wire.from_plain(session.replaced, list[RefreshToken]), current]


def _revoke(session_id: UUID) -> bool:
    return bool(RefreshSession.objects.filter(id=session_id, revoked_at=None).update(revoked_at=clock.now()))
