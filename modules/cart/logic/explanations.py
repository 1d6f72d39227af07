"""Where each cent of a cart comes from: its prices, its promotions, and how they were rounded."""

from collections.abc import Iterator
from fractions import Fraction
from uuid import UUID

from ecommerce.kernel.money import in_major_units
from modules.cart.contracts import ExplainedLine, Origin, PricePart
from modules.cart.logic.pricing import PricedCart, PricedLine
from modules.cart.logic.terms import Applied, Share


def explain(cart: PricedCart) -> list[ExplainedLine]:
    """Each line that is for sale, before tax and shipping; its parts add up to what it costs after discounts."""
    return [_explain(priced, cart) for priced in cart.lines if priced.is_for_sale]


def _explain(priced: PricedLine, cart: PricedCart) -> ExplainedLine:
    line = priced.line
    return ExplainedLine(
        variant_id=line.variant_id,
        parts=[
            PricePart(
                origin=Origin.PRICE,
                title=f"{line.quantity} × {line.unit_price}",
                amount=in_major_units(line.line_total.minor, cart.basket.currency),
            ),
            *_promotions(line.variant_id, cart),
        ],
        total=line.line_total - line.discount,
    )


def _promotions(variant_id: UUID, cart: PricedCart) -> Iterator[PricePart]:
    for applied in cart.outcome.applied:
        for share in applied.shares:
            if share.variant_id == variant_id:
                yield from _taken(applied, share, cart.basket.currency)


def _taken(applied: Applied, share: Share, currency: str) -> Iterator[PricePart]:
    off, remainder = in_major_units(share.exact, currency), in_major_units(share.remainder, currency)
    rounding = off - in_major_units(Fraction(share.amount - share.remainder), currency)
    for origin, amount in (
        (Origin.PROMOTION, -off),
        (Origin.ROUNDING, rounding),
        (Origin.REMAINDER, -remainder),
    ):
        if amount:
            yield PricePart(
                origin=origin, title=applied.promotion.title, amount=amount, promotion_id=applied.promotion.id
            )
