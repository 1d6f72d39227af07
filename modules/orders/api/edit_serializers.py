"""Bodies and answers of edits and exchanges."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    ChoiceField,
    DictField,
    IntegerField,
    MoneyField,
    StrictSerializer,
    UUIDField,
    ValidationError,
)
from modules.orders.api.after_sale_serializers import LINE_ID, PortionInput
from modules.orders.api.serializers import GoodsInput, PaymentInput
from modules.orders.models import OrderEdit

VARIANT_ID = "01920000-0000-7000-8000-000000000002"
DEFAULT_DAYS = 7


class ExchangeInput(StrictSerializer):
    add = GoodsInput(many=True, allow_empty=False, help_text="What is sent instead, at today's prices")
    restock = BooleanField(required=False, help_text="Whether what comes off goes on the shelf (true)")
    reason = CharField(max_length=500, required=False, allow_blank=True)
    payment = PaymentInput(required=False, help_text="How a difference is paid; without: as the order was")
    payable_days = IntegerField(min_value=1, max_value=30, required=False, help_text=f"{DEFAULT_DAYS}")
    expected_due = MoneyField(required=False, min_value=0, help_text="Refused (409) where it is another by now")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Another size",
            {
                "add": [{"variant_id": VARIANT_ID, "quantity": 1}],
                "remove": [{"line_id": LINE_ID, "quantity": 1}],
                "reason": "Rang: L instead of M",
            },
        )
    ]
)
class EditInput(ExchangeInput):
    add = GoodsInput(many=True, required=False, allow_empty=False, help_text="At today's prices")
    remove = PortionInput(many=True, required=False, allow_empty=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "add" not in attrs and "remove" not in attrs:
            raise ValidationError({"add": "Add something, or remove something."}, code="required")
        return attrs


class AddedSerializer(StrictSerializer):
    variant_id = UUIDField()
    sku = CharField()
    title = CharField()
    options = DictField(child=CharField())
    quantity = IntegerField()
    unit_price = MoneyField()
    tax = MoneyField()
    total = MoneyField(help_text="With its tax")


class RemovedSerializer(StrictSerializer):
    line_id = UUIDField()
    quantity = IntegerField()
    amount = MoneyField(help_text="With its tax")


class EditPreviewSerializer(StrictSerializer):
    return_id = UUIDField(allow_null=True, help_text="Of an exchange")
    added = AddedSerializer(many=True)
    removed = RemovedSerializer(many=True)
    added_total = MoneyField()
    removed_total = MoneyField()
    due = MoneyField(help_text="What is left to pay")
    refund = MoneyField(help_text="What goes back in money")


class EditSerializer(EditPreviewSerializer):
    id = UUIDField()
    status = ChoiceField(OrderEdit.Status.values, help_text="waiting: for its payment")
    payment_id = UUIDField(allow_null=True, help_text="Of the difference; the order's token opens it")
    created_at = AwareDateTimeField()
    payable_until = AwareDateTimeField()
    finished_at = AwareDateTimeField(allow_null=True)


class EditsSerializer(StrictSerializer):
    results = EditSerializer(many=True)


class BegunEditSerializer(StrictSerializer):
    edit = EditSerializer()
    link = CharField(help_text="Where the buyer finds his order and pays: whoever has it may")
