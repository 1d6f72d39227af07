"""Who may see and act on a payment."""

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel.rest.authentication import caller_of
from ecommerce.kernel.rest.permissions import IsVisible
from modules.payments.contracts import Payment
from modules.payments.logic import records


class MaySeePayment(IsVisible):
    """Its payer, staff, and whoever holds its order's token; for anyone else there is no such payment (404)."""

    find: ClassVar[Callable[..., Payment]] = staticmethod(records.get_visible)

    def has_permission(self, request: Request, view: APIView) -> bool:
        payment_id: UUID = view.kwargs["payment_id"]
        view.payment = self.find(  # type: ignore[attr-defined]  # the views of one payment declare it
            payment_id=payment_id, caller=caller_of(request), token=shown_token(request) or ""
        )
        return True


class MayActOnPayment(MaySeePayment):
    """The same, but for staff who may only read (403)."""

    find = staticmethod(records.get_own)


def shown_token(request: Request, **kwargs: object) -> str | None:
    """The order's token, where the caller shows one."""
    return request.query_params.get("token")
