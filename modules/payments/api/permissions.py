"""Who may see and act on a payment."""

from typing import cast
from uuid import UUID

from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.rest.permissions import IsVisible
from modules.payments.logic.records import get_visible


class MaySeePayment(IsVisible):
    """Its payer, staff, and whoever holds its order's token; for anyone else there is no such payment (404)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        payment_id: UUID = view.kwargs["payment_id"]
        caller = cast(Principal, request.user)
        view.payment = get_visible(  # type: ignore[attr-defined]  # the views of one payment declare it
            payment_id=payment_id,
            caller_id=caller.id,
            is_staff=caller.is_staff,
            token=shown_token(request) or "",
        )
        return True


def shown_token(request: Request, **kwargs: object) -> str | None:
    """The order's token, where the caller shows one."""
    return request.query_params.get("token")
