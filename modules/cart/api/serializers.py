"""What a cart's API takes, and how a cart is answered: by structs, since every page of a shop reads its cart."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.money import EXPONENTS, Money
from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    ChoiceField,
    DictField,
    IntegerField,
    ListField,
    MoneyField,
    MoneyStruct,
    StrictSerializer,
    UUIDField,
    ValidationError,
)
from modules.cart.contracts import ExplainedLine as ExplainedLineContract
from modules.cart.contracts import Origin, Requirement
from modules.cart.contracts import PricePart as PricePartContract
from modules.cart.logic.baskets import MAX_QUANTITY
from modules.cart.logic.explanations import explain
from modules.cart.logic.pricing import PricedCart, PricedLine

# ── bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class CurrencyField(CharField):
    """An active ISO 4217 currency code."""

    default_error_messages = {"invalid_currency": "Give an active ISO 4217 currency code."}

    def to_internal_value(self, data: Any) -> str:
        if data not in EXPONENTS:
            self.fail("invalid_currency")
        return str(data)


class CartInput(StrictSerializer):
    currency = CurrencyField(required=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample("By variant", {"variant_id": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10", "quantity": 2}),
        OpenApiExample("By SKU", {"sku": "SHIRT-RED-M", "quantity": 1}),
    ]
)
class ItemInput(StrictSerializer):
    variant_id = UUIDField(required=False)
    sku = CharField(required=False, max_length=100)
    quantity = IntegerField(min_value=1, max_value=MAX_QUANTITY)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("variant_id" in attrs) == ("sku" in attrs):
            code = "invalid" if "sku" in attrs else "required"
            raise ValidationError({"variant_id": ["Give either variant_id or sku."]}, code)
        return attrs


class QuantityInput(StrictSerializer):
    quantity = IntegerField(min_value=0, max_value=MAX_QUANTITY)


class ClaimInput(StrictSerializer):
    """Nothing: the address says it all."""


class CouponInput(StrictSerializer):
    code = CharField(max_length=50)


# ── the answer, as a schema ──────────────────────────────────────────────────────────────────────────────────────────


class CartItem(StrictSerializer):
    variant_id = UUIDField()
    sku = CharField()
    title = CharField()
    image = CharField(allow_null=True)
    options = DictField(child=CharField())
    quantity = IntegerField()
    unit_price = MoneyField()
    line_total = MoneyField(help_text="0 for what is no longer for sale: see warnings")
    available = IntegerField(help_text="How many there are in stock")
    price_changed = BooleanField(help_text="It had another price when it was added")


class CartDiscount(StrictSerializer):
    code = CharField(allow_null=True)
    title = CharField()
    amount = MoneyField()


class CartWarning(StrictSerializer):
    code = CharField(
        help_text="out_of_stock, not_available, price_changed; after a claim: not_available, currency_not_available,"
        " quantity_reduced, not_kept; of a coupon: coupon_invalid, coupon_expired, coupon_exhausted,"
        " coupon_minimum_not_met, coupon_not_applicable, coupon_not_best, coupon_not_kept"
    )
    detail = CharField()
    variant_id = UUIDField(allow_null=True)
    coupon = CharField(allow_null=True)


class CartFilter(StrictSerializer):
    explain = ChoiceField(["true", "false"], required=False, help_text="Whether to tell where each cent comes from.")


class PricePart(StrictSerializer):
    origin = ChoiceField([origin.value for origin in Origin], help_text="Where it comes from.")
    title = CharField()
    promotion_id = UUIDField(allow_null=True)
    amount = CharField(help_text="In major units, down to a millionth of a minor one; negative: taken off.")


class ExplainedLine(StrictSerializer):
    variant_id = UUIDField(allow_null=True)
    parts = PricePart(many=True, help_text="They add up to the total.")
    included = PricePart(many=True, help_text="Parts of the total, as tax is where prices include it.")
    total = MoneyField()


class Cart(StrictSerializer):
    id = UUIDField()
    currency = CharField()
    version = IntegerField()
    expires_at = AwareDateTimeField()
    items = CartItem(many=True)
    coupons = ListField(child=CharField())
    discounts = CartDiscount(many=True)
    subtotal = MoneyField()
    discount_total = MoneyField()
    total = MoneyField()
    warnings = CartWarning(many=True)
    explanation = ExplainedLine(many=True, required=False, help_text="With explain=true: lines before tax and shipping")


# ── the answer, as it is built ───────────────────────────────────────────────────────────────────────────────────────


class ItemAnswer(msgspec.Struct, frozen=True):
    variant_id: UUID
    sku: str
    title: str
    image: str | None
    options: dict[str, str]
    quantity: int
    unit_price: MoneyStruct
    line_total: MoneyStruct
    available: int
    price_changed: bool


class DiscountAnswer(msgspec.Struct, frozen=True):
    code: str | None
    title: str
    amount: MoneyStruct


class WarningAnswer(msgspec.Struct, frozen=True):
    code: str
    detail: str
    variant_id: UUID | None = None
    coupon: str | None = None


class PartAnswer(msgspec.Struct, frozen=True):
    origin: str
    title: str
    promotion_id: UUID | None
    amount: str


class ExplainedAnswer(msgspec.Struct, frozen=True):
    variant_id: UUID | None
    parts: list[PartAnswer]
    included: list[PartAnswer]
    total: MoneyStruct


class CartAnswer(msgspec.Struct, frozen=True):
    id: UUID
    currency: str
    version: int
    expires_at: datetime
    items: list[ItemAnswer]
    coupons: list[str]
    discounts: list[DiscountAnswer]
    subtotal: MoneyStruct
    discount_total: MoneyStruct
    total: MoneyStruct
    warnings: list[WarningAnswer]
    explanation: list[ExplainedAnswer] | msgspec.UnsetType = msgspec.UNSET


def answer_cart(cart: PricedCart, *, explained: bool = False) -> CartAnswer:
    """A cart as it is answered."""
    return CartAnswer(
        id=cart.basket.id,
        currency=cart.basket.currency,
        version=cart.basket.version,
        expires_at=cart.basket.expires_at,
        items=[_item(priced) for priced in cart.lines],
        coupons=cart.codes,
        discounts=[DiscountAnswer(given.code, given.title, _money(given.amount)) for given in cart.discounts],
        subtotal=_money(cart.subtotal),
        discount_total=_money(cart.discount_total),
        total=_money(cart.total),
        warnings=_warnings(cart),
        explanation=[_explained(line) for line in explain(cart)] if explained else msgspec.UNSET,
    )


def _item(priced: PricedLine) -> ItemAnswer:
    line = priced.line
    return ItemAnswer(
        variant_id=line.variant_id,
        sku=line.sku,
        title=line.title,
        image=line.image,
        options=line.options,
        quantity=line.quantity,
        unit_price=_money(line.unit_price),
        line_total=_money(line.line_total),
        available=line.available,
        price_changed=priced.price_changed,
    )


def _warnings(cart: PricedCart) -> list[WarningAnswer]:
    # What stands in checkout's way, less that an empty cart cannot be ordered: nobody needs to be warned of that.
    said = [*cart.requirements, *cart.notices]
    changed = [_price_changed(priced) for priced in cart.lines if priced.price_changed]
    return [WarningAnswer(one.code, one.detail, one.variant_id, one.coupon) for one in said if _is_about(one)] + changed


def _is_about(said: Requirement) -> bool:
    return said.variant_id is not None or said.coupon is not None


def _price_changed(priced: PricedLine) -> WarningAnswer:
    line = priced.line
    return WarningAnswer("price_changed", f"{line.title} now costs {line.unit_price}.", line.variant_id)


def _explained(line: ExplainedLineContract) -> ExplainedAnswer:
    parts, included = ([_part(part) for part in some] for some in (line.parts, line.included))
    return ExplainedAnswer(line.variant_id, parts, included, _money(line.total))


def _part(part: PricePartContract) -> PartAnswer:
    return PartAnswer(part.origin.value, part.title, part.promotion_id, f"{part.amount:f}")


def _money(money: Money) -> MoneyStruct:
    return MoneyStruct(money.amount, money.currency)
