"""The query parameters of the list of orders."""

from typing import Any

from rest_framework.request import Request

from ecommerce.kernel.rest.pages import PAGING
from ecommerce.kernel.rest.serializers import AwareDateTimeField, CharField, ChoiceField, StrictSerializer
from modules.orders.contracts import OrderStatus


class OrderFilter(StrictSerializer):
    status = ChoiceField([status.value for status in OrderStatus], required=False)
    placed_after = AwareDateTimeField(required=False)
    placed_before = AwareDateTimeField(required=False)
    search = CharField(max_length=254, required=False, help_text="Staff: number, e-mail or SKU.")

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """What is asked for, None where it is not; an unknown parameter or a bad value is a ValidationError."""
        return dict.fromkeys(cls().fields) | cls.parse_query(request, besides=PAGING)
