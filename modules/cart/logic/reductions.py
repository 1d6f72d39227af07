"""What one promotion takes off the goods it is for, and how that falls on their lines."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import NamedTuple
from uuid import UUID

from ecommerce.kernel.money import round_half_up
from modules.cart.contracts import PromotionKind as Kind
from modules.cart.logic.terms import Applied, Goods, Promotion, Share


def reduce(promotion: Promotion, goods: Sequence[Goods], left: dict[UUID, int]) -> Applied:
    """Take it off what these goods still cost (`left`, in minor units), which stays as it is."""
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
