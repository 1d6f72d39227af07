"""What things cost: the regular price, a sale price with its period, and which of them is in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.catalog.logic.database import execute


@dataclass(frozen=True, kw_only=True)
class NewPrice:
    """A price and, for a while or for good, a lower one; both in the same currency, periods open where left out."""

    regular: Money
    sale: Money | None = None
    sale_starts_at: datetime | None = None
    sale_ends_at: datetime | None = None


class InForce(NamedTuple):
    """What is asked at one instant, what it was lowered from, and until when that is so."""

    amount_minor: int
    compare_at_minor: int | None
    changes_at: datetime | None


def set_prices(variant_id: UUID, prices: Iterable[NewPrice]) -> None:
    """Replace the prices in the given currencies and leave the others; the caller holds the product's lock."""
    for price in prices:
        execute(_SET, _row(variant_id, price))


def in_force(price: NewPrice, at: datetime) -> InForce:
    """The price at that instant: the sale's from its start until just before its end."""
    starts, ends = price.sale_starts_at, price.sale_ends_at
    if price.sale is None or (ends and ends <= at):
        return InForce(price.regular.minor, None, None)
    if starts and at < starts:
        return InForce(price.regular.minor, None, starts)
    return InForce(price.sale.minor, price.regular.minor, ends)


def _row(variant_id: UUID, price: NewPrice) -> dict[str, Any]:
    return {
        "id": new_id(),
        "variant_id": variant_id,
        "currency": price.regular.currency,
        "regular_minor": price.regular.minor,
        "sale_minor": price.sale.minor if price.sale else None,
        "sale_starts_at": price.sale_starts_at,
        "sale_ends_at": price.sale_ends_at,
        **in_force(price, clock.now())._asdict(),
    }


_SET = """
    INSERT INTO catalog_price (id, variant_id, currency, regular_minor, sale_minor, sale_starts_at, sale_ends_at,
                               amount_minor, compare_at_minor, changes_at)
    VALUES (%(id)s, %(variant_id)s, %(currency)s, %(regular_minor)s, %(sale_minor)s, %(sale_starts_at)s,
            %(sale_ends_at)s, %(amount_minor)s, %(compare_at_minor)s, %(changes_at)s)
    ON CONFLICT (variant_id, currency) DO UPDATE
    SET regular_minor = EXCLUDED.regular_minor, sale_minor = EXCLUDED.sale_minor,
        sale_starts_at = EXCLUDED.sale_starts_at, sale_ends_at = EXCLUDED.sale_ends_at,
        amount_minor = EXCLUDED.amount_minor, compare_at_minor = EXCLUDED.compare_at_minor,
        changes_at = EXCLUDED.changes_at
"""
