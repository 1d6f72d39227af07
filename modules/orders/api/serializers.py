"""Bodies and answers of checkout and orders."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    CharField,
    ChoiceField,
    DictField,
    EmailField,
    IntegerField,
    ListField,
    MoneyField,
    StrictSerializer,
    UUIDField,
)
from modules.cart.contracts import Origin
from modules.orders.api.addresses import AddressSerializer, DestinationSerializer, VatIdField
from modules.orders.contracts import OrderStatus, PaymentState
from modules.orders.logic.actions import ACTIONS
from modules.orders.models import Order, Shipment
from modules.payments.contracts import PaymentStatus

CART_ID = "0b4e5c1e-6f0e-4b0e-9d6e-8f6b8a1f7c11"
DESTINATION = {"country": "DE", "postal_code": "10115"}
ADDRESS = {"full_name": "Ann Lee", "line1": "Torstraße 1", "city": "Berlin", **DESTINATION}


@extend_schema_serializer(examples=[OpenApiExample("To Berlin", {"cart_id": CART_ID, "shipping_address": DESTINATION})])
class QuoteInput(StrictSerializer):
    cart_id = UUIDField()
    shipping_address = DestinationSerializer()
    shipping_method = CharField(max_length=50, required=False)
    vat_id = VatIdField(required=False, help_text="Of a business: with the letters of its country.")


class GoodsInput(StrictSerializer):
    variant_id = UUIDField()
    quantity = IntegerField(min_value=1, max_value=999_999)


class DryRunFilter(StrictSerializer):
    dry_run = ChoiceField(["true", "false"], required=False, help_text="Only tell what it would come to (200)")


class PaymentInput(StrictSerializer):
    provider = CharField(max_length=30)
    method = CharField(max_length=100, required=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Paid in the sandbox",
            {
                "cart_id": CART_ID,
                "email": "ann@example.com",
                "shipping_address": ADDRESS,
                "shipping_method": "standard",
                "payment": {"provider": "sandbox", "method": "sandbox_ok"},
                "expected_total": {"amount": "44.88", "currency": "EUR"},
            },
        )
    ]
)
class CheckoutInput(StrictSerializer):
    cart_id = UUIDField()
    email = EmailField()
    shipping_address = AddressSerializer()
    billing_address = AddressSerializer(required=False)
    vat_id = VatIdField(required=False, help_text="Of a business: with the letters of its country.")
    shipping_method = CharField(max_length=50)
    payment = PaymentInput()
    expected_total = MoneyField(required=False, min_value=0)
    note = CharField(max_length=1000, required=False, allow_blank=True)


class CancelledItemInput(StrictSerializer):
    line_id = UUIDField()
    quantity = IntegerField(min_value=1, max_value=999_999)


class CancelInput(StrictSerializer):
    items = CancelledItemInput(
        many=True, required=False, allow_empty=False, help_text="Only these; without: the whole order"
    )
    reason = CharField(max_length=500, required=False, allow_blank=True)


class OptionsField(DictField):
    """Names and values of a variant's options."""

    child = CharField()


class LineSerializer(StrictSerializer):
    variant_id = UUIDField()
    sku = CharField()
    title = CharField()
    options = OptionsField()
    quantity = IntegerField()
    unit_price = MoneyField()
    discount = MoneyField()
    tax = MoneyField()
    total = MoneyField()


class QuotedLineSerializer(LineSerializer):
    image = CharField(allow_null=True)


class DiscountSerializer(StrictSerializer):
    code = CharField(allow_null=True)
    title = CharField()
    amount = MoneyField()


class ShippingOptionSerializer(StrictSerializer):
    code = CharField()
    title = CharField()
    price = MoneyField()
    min_days = IntegerField()
    max_days = IntegerField()


class TaxSerializer(StrictSerializer):
    title = CharField()
    rate = CharField()
    base = MoneyField()
    amount = MoneyField()


class QuoteFilter(StrictSerializer):
    explain = ChoiceField(["true", "false"], required=False, help_text="Whether to tell where each cent comes from.")


class QuotedPartSerializer(StrictSerializer):
    origin = ChoiceField([origin.value for origin in Origin], help_text="Where it comes from.")
    title = CharField()
    promotion_id = UUIDField(allow_null=True)
    amount = CharField(help_text="In major units, down to a millionth of a minor one; negative: taken off.")


class QuotedExplanationSerializer(StrictSerializer):
    variant_id = UUIDField(allow_null=True, help_text="None: the shipping.")
    parts = QuotedPartSerializer(many=True, help_text="They add up to the total.")
    included = QuotedPartSerializer(many=True, help_text="Parts of the total, as tax is where prices include it.")
    total = MoneyField()


class QuoteSerializer(StrictSerializer):
    items = QuotedLineSerializer(many=True)
    discounts = DiscountSerializer(many=True)
    shipping_options = ShippingOptionSerializer(many=True)
    subtotal = MoneyField()
    discount_total = MoneyField()
    shipping_total = MoneyField()
    tax_total = MoneyField()
    taxes = TaxSerializer(many=True)
    total = MoneyField()
    tax_exemption = CharField(allow_null=True, help_text="Why no tax is charged: `intra_community_supply`.")
    tax_note = CharField(allow_null=True, help_text="What the invoice says of it.")
    explanation = QuotedExplanationSerializer(many=True, required=False, help_text="With explain=true")


class OrderLineSerializer(LineSerializer):
    id = UUIDField()
    fulfilled = IntegerField()
    cancelled = IntegerField(help_text="Refunded before it was shipped")
    refunded = IntegerField()


class ShippingMethodSerializer(StrictSerializer):
    code = CharField()
    title = CharField()


class TimelineSerializer(StrictSerializer):
    at = AwareDateTimeField()
    event = CharField()
    actor = CharField()
    detail = DictField()


class ShipmentItemSerializer(StrictSerializer):
    line_id = UUIDField()
    quantity = IntegerField()


class StockLocationSerializer(StrictSerializer):
    id = UUIDField()
    name = CharField()


class ShipmentSerializer(StrictSerializer):
    id = UUIDField()
    status = ChoiceField(Shipment.Status.values)
    carrier = CharField()
    tracking_number = CharField()
    tracking_url = CharField(allow_null=True, help_text="The carrier's page for it, where the carrier is known")
    items = ShipmentItemSerializer(many=True)
    location = StockLocationSerializer(allow_null=True, help_text="Where it left from, named as it was then")
    shipped_at = AwareDateTimeField()
    delivered_at = AwareDateTimeField(allow_null=True)


class OrderSerializer(StrictSerializer):
    id = UUIDField()
    number = CharField()
    status = ChoiceField([status.value for status in OrderStatus])
    payment_status = ChoiceField([state.value for state in PaymentState])
    fulfilment_status = ChoiceField(Order.FulfilmentStatus.values)
    email = CharField()
    currency = CharField()
    lines = OrderLineSerializer(many=True)
    discounts = DiscountSerializer(many=True)
    subtotal = MoneyField()
    discount_total = MoneyField()
    shipping_total = MoneyField()
    tax_total = MoneyField()
    taxes = TaxSerializer(many=True)
    tax_exemption = CharField(allow_null=True, help_text="Why no tax is charged: `intra_community_supply`.")
    tax_note = CharField(allow_null=True, help_text="What the invoice says of it.")
    total = MoneyField()
    refunded_total = MoneyField()
    shipping_address = AddressSerializer()
    billing_address = AddressSerializer()
    vat_id = CharField(allow_null=True)
    shipping_method = ShippingMethodSerializer()
    shipments = ShipmentSerializer(many=True)
    allowed_actions = ListField(child=ChoiceField(ACTIONS), help_text="What the caller may do to it now")
    timeline = TimelineSerializer(many=True)
    placed_at = AwareDateTimeField()
    paid_at = AwareDateTimeField(allow_null=True)
    delivered_at = AwareDateTimeField(allow_null=True)
    cancelled_at = AwareDateTimeField(allow_null=True)
    access_token = CharField(required=False, help_text="Only in the checkout's answer to a guest.")


class LeftOutSerializer(StrictSerializer):
    variant_id = UUIDField()
    sku = CharField()
    title = CharField()
    requested = IntegerField()
    added = IntegerField()


class ReorderedSerializer(StrictSerializer):
    cart_id = UUIDField()
    left_out = LeftOutSerializer(many=True, help_text="What is not for sale any more, or too short")


class NextActionSerializer(StrictSerializer):
    type = ChoiceField(["redirect"])
    url = CharField()


class FailureSerializer(StrictSerializer):
    code = CharField()
    message = CharField()


class CheckoutPaymentSerializer(StrictSerializer):
    id = UUIDField()
    order_id = UUIDField()
    provider = CharField()
    status = ChoiceField([status.value for status in PaymentStatus])
    amount = MoneyField()
    captured = MoneyField()
    refunded = MoneyField()
    next_action = NextActionSerializer(allow_null=True)
    client_secret = CharField(allow_null=True)
    failure = FailureSerializer(allow_null=True)
    created_at = AwareDateTimeField()


class PlacedOrderSerializer(StrictSerializer):
    order = OrderSerializer()
    payment = CheckoutPaymentSerializer(allow_null=True)
