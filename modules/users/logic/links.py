"""Links that are mailed to prove an address or to choose a new password.

Their tokens are HMACs over whom they are for, since when, and the password as it is (a domain rule: nothing to store).
So a token serves once and dies with the password; a reset changes it, and an address that is verified needs no proof.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings

from ecommerce.kernel import clock, secrets
from ecommerce.kernel.errors import Invalid
from modules.users.contracts import AccountLink, LinkNotWanted, LinkPurpose
from modules.users.models import User

LIFETIMES = {LinkPurpose.VERIFY_EMAIL: timedelta(days=3), LinkPurpose.RESET_PASSWORD: timedelta(hours=1)}
# Where the storefront has its pages for them.
PAGES = {LinkPurpose.VERIFY_EMAIL: "verify-email", LinkPurpose.RESET_PASSWORD: "reset-password"}

ID_BYTES, TIME_BYTES = 16, 5


class InvalidLink(Invalid):
    """This link was used already, is too old, or was never one of ours: ask for a new one."""

    code = "invalid_token"


@dataclass(frozen=True, kw_only=True)
class _Claim:
    """What a token says, not yet believed."""

    user_id: UUID
    issued_at: datetime
    signature: str


def get_account_link(*, user_id: UUID, purpose: LinkPurpose) -> AccountLink:
    """A fresh link for that purpose, to be sent to the account's own address. Repeating makes another one.

    Refuses (LinkNotWanted) when the account is closed or locked, or its address is verified already.
    """
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None or (purpose == LinkPurpose.VERIFY_EMAIL and user.email_verified):
        raise LinkNotWanted
    token = make_token(user, purpose)
    return AccountLink(
        email=user.email,
        language=user.language,
        url=f"{settings.STOREFRONT_URL}/{PAGES[purpose]}/?token={token}",
        expires_at=clock.now() + LIFETIMES[purpose],
    )


def make_token(user: User, purpose: LinkPurpose) -> str:
    """A token that serves this user for this purpose, from now on for as long as such a link lives."""
    issued_at = int(clock.now().timestamp())
    head = user.id.bytes + issued_at.to_bytes(TIME_BYTES, "big")
    return f"{base64.urlsafe_b64encode(head).decode().rstrip('=')}.{_signature(user, purpose, issued_at)}"


def user_of(token: str, purpose: LinkPurpose) -> User:
    """Whom a token is for; InvalidLink unless it is ours, young enough, and made under the present password.

    It is not used up by this: whoever acts on it changes the account by compare-and-set on the password it names.
    """
    claim = _read(token)
    user = User.objects.filter(id=claim.user_id, is_active=True).first()
    issued_at = int(claim.issued_at.timestamp())
    if user is None or not secrets.verify(claim.signature, *_message(user, purpose, issued_at)):
        raise InvalidLink
    if not timedelta(0) <= clock.now() - claim.issued_at < LIFETIMES[purpose]:
        raise InvalidLink
    return user


def _signature(user: User, purpose: LinkPurpose, issued_at: int) -> str:
    return secrets.sign(*_message(user, purpose, issued_at))


def _message(user: User, purpose: LinkPurpose, issued_at: int) -> tuple[str, object, object, object, object]:
    return f"users:{purpose}", user.id, user.email, user.password, issued_at


def _read(token: str) -> _Claim:
    head, _, signature = token.partition(".")
    try:
        plain = base64.b64decode(head + "=" * (-len(head) % 4), altchars=b"-_", validate=True)
        if len(plain) != ID_BYTES + TIME_BYTES:
            raise InvalidLink
        issued_at = datetime.fromtimestamp(int.from_bytes(plain[ID_BYTES:], "big"), tz=UTC)
    except (binascii.Error, ValueError, OverflowError, OSError) as error:
        raise InvalidLink from error
    return _Claim(user_id=UUID(bytes=plain[:ID_BYTES]), issued_at=issued_at, signature=signature)
