"""What promotions take off a cart: pure functions over plain values, so that every choice can be tested and explained.

The rule, which `docs/promotions.md` tells merchants:

1. A promotion applies when its period, its minimum and its goods fit the cart, and its code, if it needs one, was
   entered.
2. Those that stack are taken together, the higher `priority` first (then the older), each from what the ones before
   left. One that does not stack is taken alone.
3. Of these choices the one that takes off most is made; at the same amount the one with free shipping, then the
   stacked ones, then the higher priority, then the older.

No line ever costs less than nothing, and what a promotion takes off is shared over its lines to the cent by the largest
remainder, by what each still costs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm
from typing import NamedTuple
from uuid import UUID

from ecommerce.kernel.money import Money, round_half_up
from modules.cart.contracts import PromotionKind as Kind


@dataclass(frozen=True, kw_only=True)
class Tier:
    """From so many units on, so many percent."""

    quantity: int
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """A promotion as it is offered; without goods named it is for the whole cart.

    `percent` is for "percentage", and for what "buy_x_get_y" gives (100: for nothing); `amount` is for "fixed". A
    promotion with an amount or a minimum is for carts in that currency only. `minimum` is compared with the cart before
    any discount. For each `buy` + `get` units of its goods, the `get` cheapest of all are reduced.
    """

    id: UUID
    title: str
    kind: Kind
    percent: Decimal = Decimal(0)
    amount: Money | None = None
    tiers: Sequence[Tier] = ()
    buy: int = 0
    get: int = 0
    minimum: Money | None = None
    category_ids: frozenset[UUID] = frozenset()
    product_ids: frozenset[UUID] = frozenset()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    stackable: bool = True
    priority: int = 0


@dataclass(frozen=True, kw_only=True)
class Goods:
    """A line of a cart, as promotions see it; `unit_minor` in the cart's currency."""

    variant_id: UUID
    product_id: UUID
    category_ids: Sequence[UUID]
    quantity: int
    unit_minor: int

    @property
    def minor(self) -> int:
        return self.unit_minor * self.quantity


class Share(NamedTuple):
    """What of a promotion falls on one line: `amount` is the exact part rounded down, and `remainder`, the one minor
    unit that it got so that the shares add up, or 0."""

    variant_id: UUID
    numerator: int
    denominator: int
    amount: int
    remainder: int

    @property
    def exact(self) -> Fraction:
        """The part before rounding, in minor units."""
        return Fraction(self.numerator, self.denominator)


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A promotion that was taken: in minor units, and how it falls on the lines."""

    promotion: Promotion
    amount: int
    shares: Sequence[Share]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The choice that was made, in the order in which it was taken."""

    applied: Sequence[Applied]
    free_shipping: bool

    @property
    def amount(self) -> int:
        """What it takes off in all, in minor units."""
        return sum(one.amount for one in self.applied)

    def by_line(self) -> dict[UUID, int]:
        """What it takes off each line that it reduces."""
        amounts: dict[UUID, int] = defaultdict(int)
        for one in self.applied:
            for share in one.shares:
                amounts[share.variant_id] += share.amount
        return amounts


class Unfit(StrEnum):
    """Why a promotion does not apply to a cart."""

    NOT_YET = "not_yet"
    EXPIRED = "expired"
    OTHER_CURRENCY = "other_currency"
    MINIMUM_NOT_MET = "minimum_not_met"
    NO_GOODS = "no_goods"


NOTHING = Outcome(applied=(), free_shipping=False)


def discount(cart: Sequence[Goods], promotions: Iterable[Promotion], *, currency: str, at: datetime) -> Outcome:
    """The best choice of these promotions, whose codes were entered; the order of lines and promotions is no matter."""
    fit = [one for one in promotions if why_unfit(one, cart, currency=currency, at=at) is None]
    fit.sort(key=_precedence)
    stacked = [one for one in fit if one.stackable]
    choices = [stacked, *([one] for one in fit if not one.stackable)]
    return max((_take(choice, cart) for choice in choices if choice), key=_worth, default=NOTHING)


def why_unfit(promotion: Promotion, cart: Sequence[Goods], *, currency: str, at: datetime) -> Unfit | None:
    """Why this promotion does not apply to this cart at that instant; None where it does."""
    if promotion.starts_at and at < promotion.starts_at:
        return Unfit.NOT_YET
    if promotion.ends_at and at >= promotion.ends_at:
        return Unfit.EXPIRED
    if any(money and money.currency != currency for money in (promotion.amount, promotion.minimum)):
        return Unfit.OTHER_CURRENCY
    if promotion.minimum and sum(line.minor for line in cart) < promotion.minimum.minor:
        return Unfit.MINIMUM_NOT_MET
    if not _is_enough(promotion, [line for line in cart if _is_for(promotion, line)]):
        return Unfit.NO_GOODS
    return None


def _precedence(promotion: Promotion) -> tuple[int, UUID]:
    # An id tells when it was made.
    return -promotion.priority, promotion.id


def _worth(outcome: Outcome) -> tuple[int, bool]:
    # Of equals, max takes the first: the stacked ones, then by precedence.
    return outcome.amount, outcome.free_shipping


def _is_for(promotion: Promotion, line: Goods) -> bool:
    if not promotion.category_ids and not promotion.product_ids:
        return True
    return line.product_id in promotion.product_ids or not promotion.category_ids.isdisjoint(line.category_ids)


def _is_enough(promotion: Promotion, goods: Sequence[Goods]) -> bool:
    quantity = sum(line.quantity for line in goods)
    match promotion.kind:
        case Kind.BUY_X_GET_Y:
            return quantity >= promotion.buy + promotion.get
        case Kind.TIERED:
            return quantity >= min(tier.quantity for tier in promotion.tiers)
        case _:
            return quantity > 0


def _take(promotions: Sequence[Promotion], cart: Sequence[Goods]) -> Outcome:
    # In an order of their own, so that a tie of remainders falls on the same line however the cart is ordered.
    lines = sorted(cart, key=lambda line: line.variant_id)
    left = {line.variant_id: line.minor for line in lines}
    applied = []
    for promotion in promotions:
        goods = [line for line in lines if _is_for(promotion, line)]
        taken = _apply(promotion, goods, left)
        for part in taken.shares:
            left[part.variant_id] -= part.amount
        applied.append(taken)
    return Outcome(
        applied=tuple(one for one in applied if one.amount or one.promotion.kind == Kind.FREE_SHIPPING),
        free_shipping=any(one.kind == Kind.FREE_SHIPPING for one in promotions),
    )


def _apply(promotion: Promotion, goods: Sequence[Goods], left: dict[UUID, int]) -> Applied:
    parts = _REDUCTIONS[promotion.kind](promotion, goods, left)
    amount = round_half_up(Fraction(sum(parts.numerators), parts.denominator))
    return Applied(promotion=promotion, amount=amount, shares=_shares(amount, goods, parts))


class _Parts(NamedTuple):
    """What each line would be reduced by before rounding, in minor units: whole numbers over one denominator, since
    fractions of their own would cost a cart of a hundred lines more than all the rest."""

    numerators: list[int]
    denominator: int


def _shares(amount: int, goods: Sequence[Goods], parts: _Parts) -> tuple[Share, ...]:
    """Each line's part rounded down, and what is then missing by units to those with the largest remainder.

    Not `money.share`, which would scale the parts to the rounded amount: a line might be given more than it costs.
    """
    divided = [divmod(part, parts.denominator) for part in parts.numerators]
    missing = amount - sum(whole for whole, _ in divided)
    by_remainder = sorted(range(len(divided)), key=lambda number: -divided[number][1]) if missing else []
    favoured = set(by_remainder[:missing])
    return tuple(
        Share(line.variant_id, part, parts.denominator, taken, int(number in favoured))
        for number, (line, part) in enumerate(zip(goods, parts.numerators, strict=True))
        if (taken := divided[number][0] + (number in favoured))
    )


def _by_percent(percent: Decimal, goods: Sequence[Goods], left: dict[UUID, int]) -> _Parts:
    numerator, denominator = percent.as_integer_ratio()
    return _Parts([left[line.variant_id] * numerator for line in goods], denominator * 100)


def _percentage(promotion: Promotion, goods: Sequence[Goods], left: dict[UUID, int]) -> _Parts:
    return _by_percent(promotion.percent, goods, left)


def _fixed(promotion: Promotion, goods: Sequence[Goods], left: dict[UUID, int]) -> _Parts:
    whole = sum(left[line.variant_id] for line in goods)
    if not whole or promotion.amount is None:
        return _nothing(goods)
    off = min(promotion.amount.minor, whole)
    return _Parts([off * left[line.variant_id] for line in goods], whole)


def _free_shipping(promotion: Promotion, goods: Sequence[Goods], left: dict[UUID, int]) -> _Parts:
    return _nothing(goods)


def _buy_x_get_y(promotion: Promotion, goods: Sequence[Goods], left: dict[UUID, int]) -> _Parts:
    """The cheapest units, by what a unit of their line still costs."""
    given = sum(line.quantity for line in goods) // (promotion.buy + promotion.get) * promotion.get
    common = lcm(*(line.quantity for line in goods))
    numerator, denominator = promotion.percent.as_integer_ratio()
    off = {}
    for line in sorted(goods, key=lambda line: (left[line.variant_id] * common // line.quantity, line.variant_id)):
        units = min(given, line.quantity)
        given -= units
        off[line.variant_id] = left[line.variant_id] * units * (common // line.quantity) * numerator
    return _Parts([off[line.variant_id] for line in goods], common * denominator * 100)


def _tiered(promotion: Promotion, goods: Sequence[Goods], left: dict[UUID, int]) -> _Parts:
    quantity = sum(line.quantity for line in goods)
    reached = [tier for tier in promotion.tiers if tier.quantity <= quantity]
    tier = max(reached, key=lambda tier: tier.quantity)
    return _by_percent(tier.percent, goods, left)


def _nothing(goods: Sequence[Goods]) -> _Parts:
    return _Parts([0] * len(goods), 1)


_REDUCTIONS: dict[Kind, Callable[[Promotion, Sequence[Goods], dict[UUID, int]], _Parts]] = {
    Kind.PERCENTAGE: _percentage,
    Kind.FIXED: _fixed,
    Kind.FREE_SHIPPING: _free_shipping,
    Kind.BUY_X_GET_Y: _buy_x_get_y,
    Kind.TIERED: _tiered,
}
