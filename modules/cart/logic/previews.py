"""What a promotion would take off, before anybody has it: an example cart, priced by what prices every cart.

Nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Upper

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.cart.contracts import CartLine
from modules.cart.logic.baskets import Basket, BasketLine, Seen
from modules.cart.logic.carts import ask_catalog
from modules.cart.logic.discounts import discount, why_unfit
from modules.cart.logic.offers import Offer, find_offers, offered
from modules.cart.logic.pricing import PricedCart, Variants, goods_of, price_cart
from modules.cart.logic.promotions import CouponTaken
from modules.cart.logic.states import is_used_up
from modules.cart.logic.terms import Goods, Outcome
from modules.cart.models import Coupon, Promotion

# Why an offer is not taken, beside the reasons of discounts.Unfit.
USED_UP, NOT_BEST = "used_up", "not_best"


@dataclass(frozen=True, kw_only=True)
class Example:
    """A cart that nobody has: so many of each SKU, these codes entered; `at` an instant to come, or None for now."""

    quantities: Mapping[str, int]
    currency: str
    codes: Sequence[str] = ()
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Tried:
    """An offer, and what it takes off the example; where it is not taken, why."""

    title: str
    code: str | None
    amount: Money
    why: str | None


@dataclass(frozen=True, kw_only=True)
class TriedLine:
    """A line of the example, with what falls on it."""

    line: CartLine
    off: Money
    off_by_others: Money
    left: Money


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The example as a real cart would be: the promotion, what else is offered, and the choice that is made of them.

    `alone` is what the promotion would take off if nothing else were offered.
    """

    cart: PricedCart
    lines: list[TriedLine]
    promotion: Tried
    alone: Money
    others: list[Tried]
    unknown_skus: list[str]


def preview(
    *, promotion: Promotion, example: Example, code: str | None = None, saved: Promotion | None = None
) -> Preview:
    """What a promotion, written or not, takes off an example cart in which its `code` was entered; one that is edited
    stands in the place of what is `saved` of it.

    CouponTaken where another promotion has that code, TotalTooLarge where no amount of money could hold the cart.
    """
    if saved is not None:
        promotion.id, promotion.used = saved.id, saved.used
    now = clock.now()
    at = max(example.at or now, now)
    variants = ask_catalog(example.currency, ids=[], skus=list(example.quantities))
    own = _own_offer(promotion, code, example)
    basket = _basket(example, own, variants, at)
    others = _other_offers(basket, own)
    cart = price_cart(basket, variants, [*others, own], at=at)
    goods = goods_of(basket, variants)
    tried = [_tried(offer, goods, cart.outcome, basket.currency, at) for offer in [own, *others]]
    alone = discount(goods, [own.promotion], currency=basket.currency, at=at).amount
    found = {priced.line.sku for priced in cart.lines}
    return Preview(
        cart=cart,
        lines=_lines(cart, own.promotion.id),
        promotion=tried[0],
        alone=Money(minor=0 if own.is_used_up else alone, currency=basket.currency),
        others=tried[1:],
        unknown_skus=[sku for sku in example.quantities if sku not in found],
    )


def _own_offer(promotion: Promotion, code: str | None, example: Example) -> Offer:
    """The promotion as it is offered to who entered its code: of many that of the example, or one that is left."""
    codes = [one.upper() for one in (code, *example.codes) if one]
    coupon = _coupon(promotion, codes) if promotion.needs_code else None
    is_spent = coupon is not None and coupon.usage_limit is not None and coupon.used >= coupon.usage_limit
    shown = code or (coupon.code if coupon else None)
    return Offer(
        promotion=offered(promotion),
        code=shown.upper() if shown and promotion.needs_code else None,
        is_used_up=is_used_up(promotion) or is_spent,
    )


def _coupon(promotion: Promotion, codes: list[str]) -> Coupon | None:
    coupons = Coupon.objects.filter(promotion_id=promotion.id).order_by("id")
    named = coupons.alias(folded=Upper("code")).filter(folded__in=codes)
    left = coupons.filter(Q(usage_limit=None) | Q(used__lt=F("usage_limit")))
    return named.first() or left.first() or coupons.first()


def _basket(example: Example, own: Offer, variants: Variants, at: datetime) -> Basket:
    codes = [code.upper() for code in (own.code, *example.codes) if code]
    known = {variant.sku: variant for variant in variants.values() if variant}
    lines = []
    for sku, quantity in example.quantities.items():
        if variant := known.get(sku):
            seen = Seen(price=variant.price or Money.zero(example.currency), sku=sku, title=variant.title)
            lines.append(BasketLine(variant_id=variant.id, quantity=quantity, seen=seen))
    return Basket(
        id=new_id(),
        version=1,
        currency=example.currency,
        owner_id=None,
        changed_at=at,
        lines=lines,
        codes=list(dict.fromkeys(codes)),
    )


def _other_offers(basket: Basket, own: Offer) -> list[Offer]:
    others = [one for one in find_offers(codes=basket.codes) if one.promotion.id != own.promotion.id]
    if any(one.code == own.code for one in others if one.code):
        raise CouponTaken
    return others


def _tried(offer: Offer, goods: list[Goods], outcome: Outcome, currency: str, at: datetime) -> Tried:
    taken = [one.amount for one in outcome.applied if one.promotion.id == offer.promotion.id and not offer.is_used_up]
    unfit = why_unfit(offer.promotion, goods, currency=currency, at=at)
    reason = unfit.value if unfit else USED_UP if offer.is_used_up else NOT_BEST
    return Tried(
        title=offer.promotion.title,
        code=offer.code,
        amount=Money(minor=sum(taken), currency=currency),
        why=None if taken else reason,
    )


def _lines(cart: PricedCart, promotion_id: UUID) -> list[TriedLine]:
    shares = [part for one in cart.outcome.applied if one.promotion.id == promotion_id for part in one.shares]
    off = {part.variant_id: part.amount for part in shares}
    return [_line(priced.line, off.get(priced.line.variant_id, 0)) for priced in cart.lines]


def _line(line: CartLine, minor: int) -> TriedLine:
    off = Money(minor=minor, currency=line.line_total.currency)
    return TriedLine(line=line, off=off, off_by_others=line.discount - off, left=line.line_total - line.discount)
