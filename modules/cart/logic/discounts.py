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

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from modules.cart.contracts import PromotionKind as Kind
from modules.cart.logic.reductions import reduce
from modules.cart.logic.terms import Goods, Outcome, Promotion


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
        taken = reduce(promotion, goods, left)
        for part in taken.shares:
            left[part.variant_id] -= part.amount
        applied.append(taken)
    return Outcome(
        applied=tuple(one for one in applied if one.amount or one.promotion.kind == Kind.FREE_SHIPPING),
        free_shipping=any(one.kind == Kind.FREE_SHIPPING for one in promotions),
    )
