"""Bodies and answers of shipments, refunds and returns; logic/after_sale.py fills in the last two."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    ChoiceField,
    IntegerField,
    MoneyField,
    StrictSerializer,
    UUIDField,
    ValidationError,
)
from modules.orders.api.serializers import StockLocationSerializer
from modules.orders.models import Refund, Return

LINE_ID = "01920000-0000-7000-8000-000000000001"
LOCATION_ID = "01920000-0000-7000-8000-000000000002"


class PortionInput(StrictSerializer):
    line_id = UUIDField()
    quantity = IntegerField(min_value=1, max_value=999_999)


@extend_schema_serializer(
    examples=[
        OpenApiExample("All that is left", {"carrier": "DHL", "tracking_number": "00340434161094021501"}),
        OpenApiExample(
            "All that is left at a location",
            {"location_id": LOCATION_ID, "carrier": "DHL", "tracking_number": "00340434161094021501"},
        ),
    ]
)
class ShipmentInput(StrictSerializer):
    items = PortionInput(many=True, required=False, allow_empty=False, help_text="All that is left")
    location_id = UUIDField(required=False, help_text="Where it leaves from: only of what is left there")
    carrier = CharField(max_length=40)
    tracking_number = CharField(max_length=100)


@extend_schema_serializer(
    examples=[
        OpenApiExample("An amount", {"amount": {"amount": "5.00", "currency": "EUR"}, "reason": "A scratch"}),
        OpenApiExample(
            "One unit", {"items": [{"line_id": LINE_ID, "quantity": 1}], "reason": "Lost", "restock": False}
        ),
    ]
)
class RefundInput(StrictSerializer):
    amount = MoneyField(required=False, min_value=1)
    items = PortionInput(many=True, required=False, allow_empty=False)
    shipping = BooleanField(required=False, help_text="Whether what is left of the shipping is given back too")
    reason = CharField(max_length=500)
    restock = BooleanField(required=False, help_text="Whether the units are on the shelf again")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        by_amount, by_parts = "amount" in attrs, "items" in attrs or attrs.get("shipping", False)
        if by_amount == by_parts:
            raise ValidationError({"amount": "Give an amount, or items and shipping."}, code="amount_or_items")
        if attrs.get("restock") and "items" not in attrs:
            raise ValidationError({"restock": "Only items are put on the shelf."}, code="invalid")
        return attrs


class ReturnItemInput(PortionInput):
    reason = CharField(max_length=500)


@extend_schema_serializer(
    examples=[OpenApiExample("Too small", {"items": [{"line_id": LINE_ID, "quantity": 1, "reason": "Too small"}]})]
)
class ReturnInput(StrictSerializer):
    items = ReturnItemInput(many=True, allow_empty=False)


class ToShipItemSerializer(StrictSerializer):
    line_id = UUIDField()
    sku = CharField()
    title = CharField()
    quantity = IntegerField(help_text="Neither shipped nor cancelled")


class ToShipSerializer(StrictSerializer):
    location = StockLocationSerializer(allow_null=True, help_text="null: where it lies is not known here")
    items = ToShipItemSerializer(many=True)


class FulfilmentSerializer(StrictSerializer):
    results = ToShipSerializer(many=True)


class RejectInput(StrictSerializer):
    reason = CharField(max_length=500, required=False, allow_blank=True)


class ReceiveInput(StrictSerializer):
    restock = BooleanField(required=False, help_text="Whether it is as good as new, and goes on the shelf (true)")


class ReturnItemSerializer(StrictSerializer):
    line_id = UUIDField()
    quantity = IntegerField()
    reason = CharField()


class ReturnSerializer(StrictSerializer):
    id = UUIDField()
    status = ChoiceField(Return.Status.values)
    items = ReturnItemSerializer(many=True)
    answer = CharField(help_text="Why it was rejected")
    requested_at = AwareDateTimeField()
    decided_at = AwareDateTimeField(allow_null=True)
    received_at = AwareDateTimeField(allow_null=True)


class ReturnsSerializer(StrictSerializer):
    results = ReturnSerializer(many=True)


class RefundItemSerializer(StrictSerializer):
    line_id = UUIDField()
    quantity = IntegerField(help_text="0: a part of its price")
    amount = MoneyField()
    tax = MoneyField(help_text="Of the amount")


class RefundSerializer(StrictSerializer):
    id = UUIDField()
    status = ChoiceField(Refund.Status.values)
    amount = MoneyField()
    tax = MoneyField(help_text="Of the amount")
    shipping = MoneyField(help_text="Of the amount")
    items = RefundItemSerializer(many=True)
    created_at = AwareDateTimeField()


class RefundsSerializer(StrictSerializer):
    results = RefundSerializer(many=True)
