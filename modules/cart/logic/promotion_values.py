"""A promotion's values as staff write them: decimal strings in major units, those of its kind and no other."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.money import Money
from modules.cart.contracts import PromotionKind as Kind
from modules.cart.models import Promotion

HUNDRED, CENTS = Decimal(100), Decimal("0.01")

# What a promotion of each kind takes beside what all take.
_NEEDED = {
    Kind.PERCENTAGE: {"value"},
    Kind.FIXED: {"value", "currency"},
    Kind.FREE_SHIPPING: set[str](),
    Kind.BUY_X_GET_Y: {"buy_quantity", "get_quantity"},
    Kind.TIERED: {"tiers"},
}
_ALLOWED = {kind: needed | {"currency"} for kind, needed in _NEEDED.items()}
_ALLOWED[Kind.BUY_X_GET_Y] |= {"value"}
_OF_KINDS = {"value", "buy_quantity", "get_quantity", "tiers"}
_PLAIN = (
    "title", "category_ids", "product_ids", "starts_at", "ends_at", "usage_limit", "usage_limit_per_customer",
    "stackable", "priority",
)  # fmt: skip


class InvalidPromotion(Invalid):
    """Some values do not fit the promotion's kind, or each other."""

    # details: errors, a field, code and detail for each
    code = "invalid_promotion"


def written(promotion: Promotion) -> dict[str, Any]:
    """A promotion's values as staff write them; `value` and `minimum_subtotal` are decimal strings."""
    plain = {name: getattr(promotion, name) for name in (*_PLAIN, "buy_quantity", "get_quantity")}
    amount = promotion.amount_minor
    value = f"{promotion.percent.normalize():f}" if promotion.percent is not None else None
    return plain | {
        "value": value if amount is None else Money(minor=amount, currency=promotion.currency).amount,
        "tiers": promotion.tiers or None,
        "currency": promotion.currency or None,
        "minimum_subtotal": None
        if promotion.minimum_minor is None
        else Money(minor=promotion.minimum_minor, currency=promotion.currency).amount,
    }


def set_values(promotion: Promotion, values: Mapping[str, Any]) -> None:
    """Give it these values; what is left out or None is none. Refuses (InvalidPromotion) what does not fit."""
    errors: list[dict[str, str]] = []
    given = {name: value for name, value in values.items() if value is not None and value != []}
    kind = Kind(promotion.kind)
    errors += [_error(name, "required", f"{kind.value} needs it.") for name in sorted(_NEEDED[kind] - given.keys())]
    errors += [
        _error(name, "not_of_this_kind", f"{kind.value} has none.")
        for name in sorted(_OF_KINDS & given.keys() - _ALLOWED[kind])
    ]
    if errors:
        raise InvalidPromotion(errors=errors)
    currency = given.get("currency", "")
    for name in _PLAIN:
        if name in values:
            setattr(promotion, name, values[name])
    promotion.currency = currency
    promotion.buy_quantity, promotion.get_quantity = given.get("buy_quantity"), given.get("get_quantity")
    promotion.tiers = _tiers(given.get("tiers", []), errors)
    promotion.percent = promotion.amount_minor = None
    if kind == Kind.FIXED:
        promotion.amount_minor = _minor("value", given["value"], currency, errors)
    elif kind in (Kind.PERCENTAGE, Kind.BUY_X_GET_Y):
        promotion.percent = _percent("value", given.get("value", "100"), errors)
    promotion.minimum_minor = (
        _minor("minimum_subtotal", given["minimum_subtotal"], currency, errors) if "minimum_subtotal" in given else None
    )
    if promotion.amount_minor is None and promotion.minimum_minor is None:
        promotion.currency = ""
    _check_period(promotion.starts_at, promotion.ends_at, errors)
    if errors:
        raise InvalidPromotion(errors=errors)


def _minor(field: str, amount: str, currency: str, errors: list[dict[str, str]]) -> int | None:
    if not currency:
        errors.append(_error("currency", "required", f"{field} is an amount of money."))
        return None
    try:
        minor = Money.parse(amount, currency).minor
    except ValueError as error:
        errors.append(_error(field, "invalid", str(error)))
        return None
    if minor <= 0:
        errors.append(_error(field, "min_value", "More than nothing."))
    return minor


def _percent(field: str, value: str, errors: list[dict[str, str]]) -> Decimal | None:
    try:
        percent = Decimal(value)
    except InvalidOperation:
        percent = Decimal(-1)
    if not percent.is_finite() or not 0 < percent <= HUNDRED or percent != percent.quantize(CENTS):
        errors.append(_error(field, "invalid_percent", "A decimal string from 0.01 to 100, with two decimals at most."))
        return None
    return percent


def _tiers(tiers: list[dict[str, Any]], errors: list[dict[str, str]]) -> list[dict[str, Any]]:
    quantities = [tier["quantity"] for tier in tiers]
    if len(set(quantities)) < len(quantities):
        errors.append(_error("tiers", "duplicate", "Each quantity once."))
    found = [(tier["quantity"], _percent("tiers", tier["percent"], errors)) for tier in tiers]
    return [{"quantity": quantity, "percent": str(percent)} for quantity, percent in sorted(found, key=lambda t: t[0])]


def _check_period(starts_at: datetime | None, ends_at: datetime | None, errors: list[dict[str, str]]) -> None:
    if starts_at and ends_at and ends_at <= starts_at:
        errors.append(_error("ends_at", "ends_before_it_starts", "It ends after it starts."))


def _error(field: str, code: str, detail: str) -> dict[str, str]:
    return {"field": field, "code": code, "detail": detail}
