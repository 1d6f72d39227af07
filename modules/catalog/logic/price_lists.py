"""Variants' prices as staff write them: those that differ from what is there are set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.money import Money
from modules.catalog.logic import prices
from modules.catalog.logic.complaints import complaint
from modules.catalog.logic.prices import NewPrice
from modules.catalog.models import Price


@dataclass(frozen=True, kw_only=True)
class PriceWish:
    """A price as it is to be; where staff say nothing of its sale, the sale that is there stays."""

    price: NewPrice
    keeps_sale: bool = False


def set_new(lists: Mapping[UUID, Sequence[NewPrice]]) -> None:
    """The prices of variants that have none yet; the caller holds the product's lock."""
    prices.set_many(lists)


def change(variant_id: UUID, wishes: Sequence[PriceWish], *, field: str = "") -> bool:
    """Replace the prices in the given currencies and leave the others; whether any differs.

    Refuses (400) a sale that is kept and would not be lower any more. The caller holds the product's lock.
    """
    if not wishes:
        return False
    there = {price.currency: _as_written(price) for price in Price.objects.filter(variant_id=variant_id)}
    wanted = [
        _wanted(f"{field}prices.{place}", wish, there.get(wish.price.regular.currency))
        for place, wish in enumerate(wishes)
    ]
    different = [price for price in wanted if there.get(price.regular.currency) != price]
    prices.set_prices(variant_id, different)
    return bool(different)


def _wanted(field: str, wish: PriceWish, before: NewPrice | None) -> NewPrice:
    if not wish.keeps_sale or before is None or before.sale is None or _is_over(before):
        return wish.price
    if not before.sale < wish.price.regular:
        raise complaint(f"{field}.amount", "sale_not_lower", f"It is on sale at {before.sale}: end that first.")
    return replace(before, regular=wish.price.regular)


def _is_over(price: NewPrice) -> bool:
    return price.sale_ends_at is not None and price.sale_ends_at <= clock.now()


def _as_written(price: Price) -> NewPrice:
    return NewPrice(
        regular=Money(minor=price.regular_minor, currency=price.currency),
        sale=None if price.sale_minor is None else Money(minor=price.sale_minor, currency=price.currency),
        sale_starts_at=price.sale_starts_at,
        sale_ends_at=price.sale_ends_at,
    )
