"""Who calls one of users' endpoints, and from where."""

from uuid import UUID

from rest_framework.request import Request

from ecommerce.kernel.rest import throttles
from ecommerce.kernel.rest.authentication import caller_of


def current_session(request: Request) -> UUID | None:
    """The session that the caller's access token belongs to."""
    return caller_of(request).session_id


def network(request: Request) -> str:
    """Where the caller is, as far as limits go."""
    return throttles.network(throttles.CallerThrottle().get_ident(request))


def user_agent(request: Request) -> str:
    """What the caller's browser calls itself."""
    agent: str = request.META.get("HTTP_USER_AGENT", "")
    return agent.replace("\x00", "")
