"""Who may call users' endpoints, besides kernel.rest.permissions."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_of


class IsThemselves(BasePermission):
    """A person who signed in: neither staff acting as a customer, nor a machine with an API key."""

    message = "Only the person themselves may do this, neither staff in their name nor a machine."
    code = "in_person_only"

    def has_permission(self, request: Request, view: APIView) -> bool:
        caller = caller_of(request)
        return caller.is_authenticated and caller.actor_id is None and not caller.is_api_key
