"""Who calls one of users' own endpoints."""

from uuid import UUID

from rest_framework.request import Request


def caller_id(request: Request) -> UUID:
    """The caller's account, behind IsSignedIn."""
    user_id: UUID = request.user.id  # type: ignore[assignment]  # IsSignedIn: our Principal has an id
    return user_id
