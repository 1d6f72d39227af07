"""What crosses cart's border."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from ecommerce.kernel.errors import Conflict, Invalid, NotFound
from ecommerce.kernel.money import Money


class PromotionKind(StrEnum):
    """How a promotion takes off what it does: docs/promotions.md."""

    PERCENTAGE = "percentage"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"
    BUY_X_GET_Y = "buy_x_get_y"
    TIERED = "tiered"


@dataclass(frozen=True, kw_only=True)
class CartLine:
    """One variant in a cart at the catalog's price of now; `discount` is its share of the discounts."""

    variant_id: UUID
    sku: str
    title: str
    options: dict[str, str]
    image: str | None
    quantity: int
    unit_price: Money
    line_total: Money
    discount: Money
    tax_class: str
    weight_g: int
    available: int


@dataclass(frozen=True, kw_only=True)
class CartDiscount:
    """What one promotion takes off this cart."""

    promotion_id: UUID
    code: str | None
    title: str
    amount: Money


class Origin(StrEnum):
    """Where a part of what is paid comes from."""

    PRICE = "price"
    PROMOTION = "promotion"
    TAX = "tax"
    ROUNDING = "rounding"
    REMAINDER = "remainder"


@dataclass(frozen=True, kw_only=True)
class PricePart:
    """A part of what is paid for a line, in major units; negative where it is taken off.

    "promotion" and "tax" are what they come to before rounding (to a millionth of a minor unit), "rounding" what their
    rounding adds, "remainder" the minor unit that the line got so that a promotion's shares add up to its amount.
    """

    origin: Origin
    title: str
    amount: Decimal
    promotion_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ExplainedLine:
    """Where each cent of a line comes from: the `parts` add up to `total`; the `included` are parts of it, as tax is
    where prices include it. Without a variant: the shipping."""

    variant_id: UUID | None
    parts: list[PricePart]
    total: Money
    included: list[PricePart] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Something that stands in the way of checkout: "cart_empty", "out_of_stock", "not_available", "coupon_invalid",
    "coupon_expired", "coupon_exhausted"."""

    code: str
    detail: str
    variant_id: UUID | None = None
    requested: int | None = None
    available: int | None = None
    coupon: str | None = None


@dataclass(frozen=True, kw_only=True)
class CartSnapshot:
    """A cart at one version, priced. Only without `requirements` may it be ordered."""

    cart_id: UUID
    version: int
    currency: str
    owner_id: UUID | None
    lines: list[CartLine]
    discounts: list[CartDiscount]
    codes: list[str]
    free_shipping: bool
    subtotal: Money
    discount_total: Money
    total: Money
    requirements: list[Requirement]
    # Of each line, where it was asked for.
    explanation: list[ExplainedLine] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class OrderedLine:
    """What of a cart's line was ordered."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A line that a cart could not take whole: it is not for sale now, or too few are in stock."""

    variant_id: UUID
    requested: int
    added: int


@dataclass(frozen=True, kw_only=True)
class FilledCart:
    """A cart with what was bought before in it, and what it could not take."""

    cart_id: UUID
    left_out: list[LeftOut]


class CartNotFound(NotFound):
    """There is no such cart."""


class LineNotFound(NotFound):
    """This variant is not in the cart."""


class UnknownVariant(Invalid):
    """There is no such variant, or it is not for sale."""

    code = "unknown_variant"


class CurrencyNotAvailable(Conflict):
    """This variant has no price in the cart's currency."""

    # details: currency, variant_id
    code = "currency_not_available"


class QuantityTooLarge(Conflict):
    """A line of a cart holds at most 999."""

    # details: variant_id, quantity (what is there), limit
    code = "quantity_too_large"


class CartFull(Conflict):
    """A cart holds at most 100 lines."""

    # details hold limit, the most lines
    code = "cart_full"


class TooManyCoupons(Conflict):
    """A cart holds at most 10 codes."""

    # details hold limit, the most codes
    code = "too_many_coupons"


class TotalTooLarge(Conflict):
    """The cart's total is more than an amount of money can be."""

    code = "total_too_large"


class CouponInvalid(Invalid):
    """This code is not known or does not apply."""

    code = "coupon_invalid"


class CouponExpired(Invalid):
    """This code is over."""

    code = "coupon_expired"


class CouponMinimumNotMet(Invalid):
    """The cart does not reach what this code asks for."""

    code = "coupon_minimum_not_met"


class CouponUsedUp(Invalid):
    """This code has been used as often as it may be: so it is refused when it is entered."""

    code = "coupon_exhausted"


class CouponExhausted(Conflict):
    """This coupon has been used as often as it may be: so it is refused to an order, which may have met another's."""

    # details: codes, or promotion_id
    code = "coupon_exhausted"


class RedemptionClosed(Conflict):
    """This order's coupons were given back; they cannot be redeemed under the same id again."""

    code = "redemption_closed"
