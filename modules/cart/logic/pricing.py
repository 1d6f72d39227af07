"""What a cart costs: a pure function over what it holds, what the catalog says of it now, and what is offered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from ecommerce.kernel.money import MAX_MINOR, Money, total
from modules.cart.contracts import CartDiscount, CartLine, Requirement, TotalTooLarge
from modules.cart.logic.baskets import Basket, BasketLine
from modules.cart.logic.discounts import NOTHING, Unfit, discount, why_unfit
from modules.cart.logic.offers import Offer
from modules.cart.logic.terms import Goods, Outcome
from modules.catalog.contracts import Variant

# What the catalog was asked about; None is what it does not sell.
Variants = Mapping[UUID, Variant | None]


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """A line at the price of now; one that is not for sale is named as it was seen, and costs nothing."""

    line: CartLine
    is_for_sale: bool
    price_changed: bool


@dataclass(frozen=True, kw_only=True)
class PricedCart:
    """A cart at one version and at the prices of one moment; `requirements` stand in the way of ordering it, `notices`
    do not. `outcome` says how the discounts come about."""

    basket: Basket
    lines: list[PricedLine]
    outcome: Outcome
    discounts: list[CartDiscount]
    codes: list[str]
    free_shipping: bool
    subtotal: Money
    discount_total: Money
    total: Money
    requirements: list[Requirement]
    notices: list[Requirement]


def price_cart(basket: Basket, variants: Variants, offers: Sequence[Offer], *, at: datetime) -> PricedCart:
    """Price every line, take off what is offered at that instant, and add up; raises TotalTooLarge where no amount of
    money could hold it."""
    refuse_too_large(basket.lines, variants)
    lines = [_price_line(line, variants.get(line.variant_id), basket.currency) for line in basket.lines]
    goods = [goods for line in basket.lines if (goods := _goods(line, variants.get(line.variant_id)))]
    outcome = _best(offers, goods, basket.currency, at)
    off = outcome.by_line()
    lines = [_reduced(priced, off.get(priced.line.variant_id, 0)) for priced in lines]
    subtotal = total((priced.line.line_total for priced in lines), basket.currency)
    discount_total = Money(minor=outcome.amount, currency=basket.currency)
    coupons = [judge_code(code, offers, goods, outcome, currency=basket.currency, at=at) for code in basket.codes]
    return PricedCart(
        basket=basket,
        lines=lines,
        outcome=outcome,
        discounts=_discounts(outcome, offers, basket.currency),
        codes=basket.codes,
        free_shipping=outcome.free_shipping,
        subtotal=subtotal,
        discount_total=discount_total,
        total=subtotal - discount_total,
        requirements=[*find_requirements(lines), *(one for one in coupons if one and one.code in BLOCKING)],
        notices=[one for one in coupons if one and one.code not in BLOCKING],
    )


def refuse_too_large(lines: Iterable[BasketLine], variants: Variants) -> None:
    """Raise TotalTooLarge when these lines cost more than Money can hold."""
    prices = {id_: variant.price.minor for id_, variant in variants.items() if variant and variant.price}
    if sum(prices.get(line.variant_id, 0) * line.quantity for line in lines) > MAX_MINOR:
        raise TotalTooLarge


def goods_of(basket: Basket, variants: Variants) -> list[Goods]:
    """What is for sale of it, as promotions see it."""
    return [goods for line in basket.lines if (goods := _goods(line, variants.get(line.variant_id)))]


def find_requirements(lines: Sequence[PricedLine]) -> list[Requirement]:
    """What stands in the way of checkout. This is checkout's gate, and what the cart warns of: the same function."""
    if not lines:
        return [Requirement(code="cart_empty", detail="There is nothing in this cart.")]
    return [requirement for priced in lines if (requirement := _requirement(priced))]


# A code that cannot serve: whoever orders takes it out first, so that nobody counts on it. With others he may go on.
BLOCKING = frozenset({"coupon_invalid", "coupon_expired", "coupon_exhausted"})
_UNFIT = {
    Unfit.NOT_YET: ("coupon_invalid", "{code} is not known."),
    Unfit.EXPIRED: ("coupon_expired", "{code} is over."),
    Unfit.OTHER_CURRENCY: ("coupon_invalid", "{code} is for carts in another currency."),
    Unfit.MINIMUM_NOT_MET: ("coupon_minimum_not_met", "{code} is for carts from {minimum} on."),
    Unfit.NO_GOODS: ("coupon_not_applicable", "{code} is for other goods, or for more of them."),
}


def judge_code(
    code: str, offers: Sequence[Offer], goods: Sequence[Goods], outcome: Outcome, *, currency: str, at: datetime
) -> Requirement | None:
    """What is to be said of a cart's coupon code; None where it serves."""
    offer = next((one for one in offers if one.code == code), None)
    if offer is None:
        return Requirement(code="coupon_invalid", detail=f"{code} is not known.", coupon=code)
    unfit = why_unfit(offer.promotion, goods, currency=currency, at=at)
    if unfit in (Unfit.NOT_YET, Unfit.EXPIRED):
        said, detail = _UNFIT[unfit]
    elif offer.is_used_up:
        said, detail = "coupon_exhausted", "{code} has been used as often as it may be."
    elif unfit:
        said, detail = _UNFIT[unfit]
    elif all(one.promotion.id != offer.promotion.id for one in outcome.applied):
        said, detail = "coupon_not_best", "Something else takes off more than {code}."
    else:
        return None
    return Requirement(code=said, detail=detail.format(code=code, minimum=offer.promotion.minimum), coupon=code)


def _best(offers: Sequence[Offer], goods: Sequence[Goods], currency: str, at: datetime) -> Outcome:
    usable = {offer.promotion.id: offer.promotion for offer in offers if not offer.is_used_up}
    return discount(goods, usable.values(), currency=currency, at=at) if usable and goods else NOTHING


def _goods(line: BasketLine, variant: Variant | None) -> Goods | None:
    """The line as promotions see it; None for what is not for sale."""
    if variant is None or variant.price is None:
        return None
    return Goods(
        variant_id=line.variant_id,
        product_id=variant.product_id,
        category_ids=variant.category_ids,
        quantity=line.quantity,
        unit_minor=variant.price.minor,
    )


def _reduced(priced: PricedLine, off: int) -> PricedLine:
    if not off:
        return priced
    discount = Money(minor=off, currency=priced.line.unit_price.currency)
    return replace(priced, line=replace(priced.line, discount=discount))


def _discounts(outcome: Outcome, offers: Sequence[Offer], currency: str) -> list[CartDiscount]:
    codes = {offer.promotion.id: offer.code for offer in reversed(offers) if not offer.is_used_up}
    return [
        CartDiscount(
            promotion_id=applied.promotion.id,
            code=codes[applied.promotion.id],
            title=applied.promotion.title,
            amount=Money(minor=applied.amount, currency=currency),
        )
        for applied in outcome.applied
    ]


def _price_line(line: BasketLine, variant: Variant | None, currency: str) -> PricedLine:
    if variant is None or variant.price is None:
        return PricedLine(line=_as_seen(line, currency), is_for_sale=False, price_changed=False)
    priced = CartLine(
        variant_id=line.variant_id,
        sku=variant.sku,
        title=variant.title,
        options=variant.options,
        image=variant.image,
        quantity=line.quantity,
        unit_price=variant.price,
        line_total=variant.price * line.quantity,
        discount=Money.zero(currency),
        tax_class=variant.tax_class,
        weight_g=variant.weight_g,
        available=variant.available,
    )
    return PricedLine(line=priced, is_for_sale=True, price_changed=variant.price != line.seen.price)


def _as_seen(line: BasketLine, currency: str) -> CartLine:
    return CartLine(
        variant_id=line.variant_id,
        sku=line.seen.sku,
        title=line.seen.title,
        options={},
        image=None,
        quantity=line.quantity,
        unit_price=line.seen.price,
        line_total=Money.zero(currency),
        discount=Money.zero(currency),
        tax_class="",
        weight_g=0,
        available=0,
    )


def _requirement(priced: PricedLine) -> Requirement | None:
    line = priced.line
    if not priced.is_for_sale:
        code, detail = "not_available", f"{line.title} is no longer for sale."
    elif line.quantity > line.available:
        code, detail = "out_of_stock", f"{line.title}: {line.available} left."
    else:
        return None
    return Requirement(
        code=code, detail=detail, variant_id=line.variant_id, requested=line.quantity, available=line.available
    )
