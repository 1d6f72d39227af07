"""Orders that staff place for somebody, over HTTP."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.money import EXPONENTS
from ecommerce.kernel.rest.idempotency import current_claim, idempotent, is_dry_run
from ecommerce.kernel.rest.permissions import HasScope
from ecommerce.kernel.rest.serializers import (
    CharField,
    ChoiceField,
    EmailField,
    IntegerField,
    MoneyField,
    StrictSerializer,
    UUIDField,
    ValidationError,
)
from modules.catalog.contracts import StockLine
from modules.orders.api.addresses import AddressSerializer, VatIdField
from modules.orders.api.answers import placed_answer, quote_answer
from modules.orders.api.serializers import (
    ADDRESS,
    CheckoutPaymentSerializer,
    DryRunFilter,
    GoodsInput,
    OrderSerializer,
    PaymentInput,
    QuoteSerializer,
)
from modules.orders.api.views import wish_of
from modules.orders.logic import drafts, tokens
from modules.users.contracts import Scope

DEFAULT_DAYS = 7


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "By telephone",
            {
                "items": [{"variant_id": "01920000-0000-7000-8000-000000000001", "quantity": 2}],
                "email": "ann@example.com",
                "shipping_address": ADDRESS,
                "shipping_method": "standard",
                "payment": {"provider": "sandbox", "method": "sandbox_3ds"},
            },
        )
    ]
)
class DraftInput(StrictSerializer):
    items = GoodsInput(many=True, allow_empty=False)
    currency = CharField(min_length=3, max_length=3, required=False, help_text="The shop's own")
    customer_id = UUIDField(required=False, help_text="Who buys; without: a guest")
    email = EmailField()
    language = ChoiceField([code for code, _ in settings.LANGUAGES], required=False, help_text="Of its letters")
    shipping_address = AddressSerializer()
    billing_address = AddressSerializer(required=False)
    vat_id = VatIdField(required=False)
    shipping_method = CharField(max_length=50)
    payment = PaymentInput()
    payable_days = IntegerField(min_value=1, max_value=30, required=False, help_text=f"{DEFAULT_DAYS}")
    expected_total = MoneyField(required=False, min_value=0)
    note = CharField(max_length=1000, required=False, allow_blank=True)

    def validate_currency(self, value: str) -> str:
        if value not in EXPONENTS:
            raise ValidationError("Give an active ISO 4217 currency code.", code="invalid_currency")
        return value


class DraftedSerializer(StrictSerializer):
    order = OrderSerializer()
    payment = CheckoutPaymentSerializer(allow_null=True)
    link = CharField(help_text="Where the buyer finds his order and pays: whoever has it may")


class DraftsView(APIView):
    """Place an order for a buyer who rings up: its stock is held until he has paid by the link, or time runs out."""

    permission_classes = [HasScope(Scope.ORDERS_WRITE)]
    operation_ids = {"post": "orders_draft"}
    problems = (409,)

    @extend_schema(
        request=DraftInput, parameters=[DryRunFilter], responses={200: QuoteSerializer, 201: DraftedSerializer}
    )
    @idempotent(module="orders", dry_runs=True)
    def post(self, request: Request) -> Response:
        DryRunFilter.parse_query(request)
        wish = wish_of_draft(DraftInput.parse(request))
        if is_dry_run(request):
            return Response(quote_answer(drafts.quote_draft(wish), language=wish.language))
        claim = current_claim(request)
        assert claim is not None  # noqa: S101  (the key is required)
        placed = drafts.place_draft(wish, claim_id=claim.id, is_new=claim.is_new)
        answer = placed_answer(placed, with_token=False) | {"link": tokens.link(placed.order)}
        return Response(answer, status=201)


def wish_of_draft(body: dict[str, Any]) -> drafts.DraftWish:
    """What a body asks for, as it was judged."""
    return drafts.DraftWish(
        lines=[StockLine(**item) for item in body["items"]],
        currency=body.get("currency", settings.DEFAULT_CURRENCY),
        customer_id=body.get("customer_id"),
        language=body.get("language", settings.LANGUAGE_CODE),
        payable_for=timedelta(days=body.get("payable_days", DEFAULT_DAYS)),
        checkout=wish_of(body | {"cart_id": drafts.new_cart_id()}),
    )
