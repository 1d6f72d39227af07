"""Promotions as staff write them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.cart.contracts import PromotionKind as Kind
from modules.cart.logic.storage import Versions
from modules.cart.models import Coupon, Promotion

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


class PromotionNotFound(NotFound):
    """There is no such promotion."""


class CouponTaken(Conflict):
    """Another promotion has this code; codes are compared without case."""

    code = "coupon_taken"


class ManyCoupons(Conflict):
    """This promotion has many codes; none of them can be changed here."""

    code = "many_coupons"


class InvalidPromotion(Invalid):
    """Some values do not fit the promotion's kind, or each other."""

    # details: errors, a field, code and detail for each
    code = "invalid_promotion"


def make_promotion(*, kind: str, code: str | None = None, **values: Any) -> Promotion:
    """Offer something, at once unless `starts_at` says otherwise; with a code only to whoever enters it.

    Refuses (InvalidPromotion) what does not fit its kind, and (CouponTaken) a code that another has.
    """
    promotion = draft_promotion(kind=kind, needs_code=code is not None, **values)
    with _one_of_each_code(), atomic(Promotion):
        promotion.save(force_insert=True)
        if code is not None:
            Coupon.objects.create(promotion=promotion, code=code, created_at=promotion.created_at)
    return promotion


def draft_promotion(*, kind: str, needs_code: bool, **values: Any) -> Promotion:
    """A promotion that is kept nowhere yet; refuses (InvalidPromotion) what does not fit its kind."""
    promotion = Promotion(id=new_id(), kind=kind, created_at=clock.now(), needs_code=needs_code)
    _set(promotion, values)
    return promotion


def change_promotion(*, promotion_id: UUID, changes: Mapping[str, Any], versions: Versions = None) -> Promotion:
    """Change what is given; its kind stays. With `code` None it applies by itself from now on.

    Refuses what make_promotion refuses, another version (PreconditionFailed), and a code where there are many.
    """
    with _one_of_each_code(), atomic(Promotion):
        promotion = _locked(promotion_id, versions)
        if "code" in changes:
            _set_code(promotion, changes["code"])
        kept = written(promotion)
        _set(promotion, kept | {name: value for name, value in changes.items() if name != "code"})
        promotion.version += 1
        promotion.save()
    return promotion


def delete_promotion(*, promotion_id: UUID, versions: Versions = None) -> None:
    """Offer it no more: what an order ever used is ended, since orders and customers are counted by it; any other
    goes, with its codes."""
    with atomic(Promotion):
        promotion = _locked(promotion_id, versions)
        if promotion.used or promotion.customer_uses.exists():
            promotion.ends_at = min(promotion.ends_at or clock.now(), clock.now())
            promotion.starts_at = None
            promotion.version += 1
            promotion.save(update_fields=["ends_at", "starts_at", "version"])
            return
        promotion.delete()


def codes_of(promotion_ids: list[UUID]) -> dict[UUID, str]:
    """The oldest code of each that has any, by one statement."""
    coupons = Coupon.objects.filter(promotion_id__in=promotion_ids).order_by("promotion_id", "created_at", "id")
    found = coupons.distinct("promotion_id").values_list("promotion_id", "code")
    return dict(found)


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


def _set(promotion: Promotion, values: Mapping[str, Any]) -> None:
    """Give it these values; what is left out or None is none."""
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


def _set_code(promotion: Promotion, code: str | None) -> None:
    coupons = list(promotion.coupons.order_by("created_at", "id")[:2])
    if len(coupons) > 1:
        raise ManyCoupons
    if code is None:
        promotion.coupons.all().delete()
    elif coupons:
        Coupon.objects.filter(id=coupons[0].id).update(code=code)
    else:
        Coupon.objects.create(promotion=promotion, code=code, created_at=clock.now())
    promotion.needs_code = code is not None


def _locked(promotion_id: UUID, versions: Versions) -> Promotion:
    promotion = Promotion.objects.select_for_update(no_key=True).filter(id=promotion_id).first()
    if promotion is None:
        raise PromotionNotFound
    if versions is not None and promotion.version not in versions:
        raise PreconditionFailed(version=promotion.version)
    return promotion


@contextmanager
def _one_of_each_code() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")) != "coupon_code_once":
            raise
        raise CouponTaken from error


def _error(field: str, code: str, detail: str) -> dict[str, str]:
    return {"field": field, "code": code, "detail": detail}
