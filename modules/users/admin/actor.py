"""Who is at work in the admin."""

from uuid import UUID

from django.http import HttpRequest


def actor_id(request: HttpRequest) -> UUID:
    """Who is at work in the admin."""
    return UUID(str(request.user.pk))
