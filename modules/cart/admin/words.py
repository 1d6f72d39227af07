"""What staff read of promotions."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from modules.cart.contracts import PromotionKind as Kind
from modules.cart.logic.discounts import Unfit
from modules.cart.logic.previews import NOT_BEST, USED_UP
from modules.cart.logic.promotion_values import written
from modules.cart.models import Promotion

KINDS = {
    Kind.PERCENTAGE: "percentage",
    Kind.FIXED: "fixed amount",
    Kind.FREE_SHIPPING: "free shipping",
    Kind.BUY_X_GET_Y: "buy X, get Y",
    Kind.TIERED: "tiers by quantity",
}
REASONS: dict[str, str] = {
    Unfit.NOT_YET: "It has not begun.",
    Unfit.EXPIRED: "It is over.",
    Unfit.OTHER_CURRENCY: "It is for carts in another currency.",
    Unfit.MINIMUM_NOT_MET: "The cart does not reach its minimum.",
    Unfit.NO_GOODS: "The cart holds none of its goods, or too few of them.",
    USED_UP: "It has been used as often as it may be.",
    NOT_BEST: "Something else takes off more.",
}


def takes_off(promotion: Promotion) -> str:
    """What it takes off, of what, from where on: "10 % of 2 products, from 50.00 EUR on"."""
    values = written(promotion)
    parts = [f"{_what(promotion, values)}{_of_what(promotion)}"]
    if minimum := values["minimum_subtotal"]:
        parts.append(f"from {minimum} {promotion.currency} on")
    return ", ".join(parts)


def period(promotion: Promotion) -> str:
    """From when to when it is offered, in UTC."""
    starts, ends = (_moment(one) for one in (promotion.starts_at, promotion.ends_at))
    if starts and ends:
        return f"{starts} – {ends}"
    if starts:
        return f"from {starts}"
    return f"until {ends}" if ends else "always"


def uses(used: int, limit: int | None) -> str:
    """How often of how often."""
    return f"{used} / {limit}" if limit is not None else f"{used}"


def _what(promotion: Promotion, values: dict[str, Any]) -> str:
    match Kind(promotion.kind):
        case Kind.PERCENTAGE:
            return f"{values['value']} %"
        case Kind.FIXED:
            return f"{values['value']} {promotion.currency}"
        case Kind.FREE_SHIPPING:
            return "shipping"
        case Kind.BUY_X_GET_Y:
            off = "free" if values["value"] == "100" else f"at {values['value']} % off"
            return f"buy {promotion.buy_quantity}, get {promotion.get_quantity} {off}"
        case Kind.TIERED:
            return ", ".join(f"{tier['percent']} % from {tier['quantity']} on" for tier in promotion.tiers)


def _of_what(promotion: Promotion) -> str:
    counted = [
        (len(promotion.product_ids), "product", "products"),
        (len(promotion.category_ids), "category", "categories"),
    ]
    named = [f"{count} {one if count == 1 else many}" for count, one, many in counted if count]
    return f" of {' and '.join(named)}" if named else ""


def _moment(instant: datetime | None) -> str:
    return f"{timezone.localtime(instant):%Y-%m-%d %H:%M}" if instant else ""
