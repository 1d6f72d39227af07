"""The query parameters of the list of orders, and of its export."""

from typing import Any

from rest_framework.request import Request

from ecommerce.kernel.rest.pages import PAGING
from ecommerce.kernel.rest.serializers import AwareDateTimeField, CharField, ChoiceField, StrictSerializer
from modules.orders.contracts import OrderStatus, PaymentState
from modules.orders.logic import order_files
from modules.orders.models import Order


class StateFilter(StrictSerializer):
    status = ChoiceField([status.value for status in OrderStatus], required=False)
    payment_status = ChoiceField([status.value for status in PaymentState], required=False)
    fulfilment_status = ChoiceField(Order.FulfilmentStatus.values, required=False)
    placed_after = AwareDateTimeField(required=False)
    placed_before = AwareDateTimeField(required=False)


class ExportFilter(StateFilter):
    format = ChoiceField(order_files.FORMATS, required=False, help_text="csv when left out.")


class OrderFilter(StateFilter):
    search = CharField(
        max_length=254, required=False, help_text="A number, an e-mail address, a SKU, or how names begin."
    )

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """What is asked for, None where it is not; an unknown parameter or a bad value is a ValidationError."""
        return dict.fromkeys(cls().fields) | cls.parse_query(request, besides=PAGING)
