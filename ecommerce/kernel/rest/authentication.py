"""Who sends a request: the bearer of an access token of ours, or nobody."""

from typing import cast
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from ecommerce.kernel import denials, identity
from ecommerce.kernel.identity import BadToken, Principal


def caller_id(request: Request) -> UUID:
    """The caller's account, behind IsSignedIn."""
    user_id: UUID = request.user.id  # type: ignore[assignment]  # IsSignedIn: our Principal has an id
    return user_id


def caller_of(request: Request) -> Principal:
    """Who is calling; the anonymous principal where there is no token."""
    return cast(Principal, request.user)


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`: no header is an anonymous caller, a bad one is 401 everywhere.

    Bad is also the token of an account that was erased or locked since it was signed (kernel.denials).
    """

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise InvalidToken
        try:
            caller = identity.verify(token.strip())
        except BadToken as error:
            raise InvalidToken from error
        # Also of who acts as the caller: whoever is locked acts as nobody else for the last minutes.
        if caller.id is not None and denials.is_denied(caller.id, caller.actor_id):
            raise InvalidToken
        return caller, None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class InvalidToken(AuthenticationFailed):
    """The access token is not one of ours, is altered, has expired, or is denied."""

    default_code = "invalid_token"
    default_detail = "The access token is not valid, or has expired."
