"""Which promotions a cart may have: what applies by itself now, and what its codes ask for; one statement for both."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.money import Money
from modules.cart.contracts import PromotionKind
from modules.cart.logic.database import fetch
from modules.cart.logic.terms import Promotion, Tier
from modules.cart.models import Promotion as PromotionRow


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A promotion; `code` is the cart's code that asks for it, None where it applies by itself. `is_used_up`: as often
    as it may be, in total, by this code, or by this customer."""

    promotion: Promotion
    code: str | None
    is_used_up: bool


def find_offers(*, codes: Sequence[str] = (), customer_id: UUID | None = None) -> list[Offer]:
    """What applies by itself and is not over, and what these codes ask for, over or not; codes that are not known are
    left out. What a guest has used is not known before checkout."""
    values: dict[str, Any] = {
        "now": clock.now(),
        "codes": [code.upper() for code in codes],
        "customer": str(customer_id or ""),
    }
    return [_offer(row) for row in fetch(_FIND, values)]


def offered(row: PromotionRow) -> Promotion:
    """A row, written or not, as find_offers would find it."""
    return Promotion(
        id=row.id,
        title=row.title,
        kind=PromotionKind(row.kind),
        percent=row.percent or Decimal(0),
        amount=_money(row.amount_minor, row.currency),
        tiers=[Tier(quantity=int(tier["quantity"]), percent=Decimal(tier["percent"])) for tier in row.tiers],
        buy=row.buy_quantity or 0,
        get=row.get_quantity or 0,
        minimum=_money(row.minimum_minor, row.currency),
        category_ids=frozenset(row.category_ids),
        product_ids=frozenset(row.product_ids),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        stackable=row.stackable,
        priority=row.priority,
    )


def _offer(row: tuple[Any, ...]) -> Offer:
    (
        id_, title, kind, percent, amount, minimum, currency, tiers, buy, get, category_ids, product_ids,
        starts_at, ends_at, stackable, priority, code, is_used_up,
    ) = row  # fmt: skip
    promotion = Promotion(
        id=id_,
        title=title,
        kind=PromotionKind(kind),
        percent=percent or Decimal(0),
        amount=_money(amount, currency),
        tiers=[Tier(quantity=int(quantity), percent=Decimal(value)) for quantity, value in tiers],
        buy=buy or 0,
        get=get or 0,
        minimum=_money(minimum, currency),
        category_ids=frozenset(category_ids),
        product_ids=frozenset(product_ids),
        starts_at=starts_at,
        ends_at=ends_at,
        stackable=stackable,
        priority=priority,
    )
    return Offer(promotion=promotion, code=code, is_used_up=is_used_up)


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor=minor, currency=currency)


_FIND = """
    WITH asked AS (
        SELECT id AS promotion_id, NULL AS code, false AS is_used_up FROM cart_promotion
        WHERE NOT needs_code AND (ends_at IS NULL OR ends_at > %(now)s)
        UNION ALL
        SELECT promotion_id, upper(code), coalesce(used >= usage_limit, false) FROM cart_coupon
        WHERE upper(code) = ANY(%(codes)s)
    )
    SELECT promotion.id, promotion.title, promotion.kind, promotion.percent, promotion.amount_minor,
           promotion.minimum_minor, promotion.currency,
           ARRAY(SELECT ARRAY[tier ->> 'quantity', tier ->> 'percent'] FROM jsonb_array_elements(promotion.tiers) tier),
           promotion.buy_quantity, promotion.get_quantity, promotion.category_ids, promotion.product_ids,
           promotion.starts_at, promotion.ends_at, promotion.stackable, promotion.priority, asked.code,
           asked.is_used_up OR coalesce(promotion.used >= promotion.usage_limit, false)
               OR coalesce(customer.used >= promotion.usage_limit_per_customer, false)
    FROM asked
    JOIN cart_promotion promotion ON promotion.id = asked.promotion_id
    LEFT JOIN cart_customeruse customer
        ON customer.promotion_id = promotion.id AND customer.customer_key = %(customer)s
    ORDER BY promotion.id, asked.code
"""
