"""Prices in a file: what fits together, and how what differs is kept."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.money import Money
from modules.catalog.logic import prices
from modules.catalog.logic.database import execute
from modules.catalog.logic.import_entries import Problem, Row
from modules.catalog.logic.prices import NewPrice
from modules.catalog.logic.product_sheets import Flat

OF_PRICE = ("price.", "sale.", "sale_starts_at.", "sale_ends_at.")


class VariantChange(NamedTuple):
    """A variant before and after."""

    id: UUID
    product_id: UUID
    before: Flat
    now: Flat

    def of(self, *families: str) -> tuple[Flat, Flat]:
        """Before and after, only the columns of these families."""
        before, now = ({n: v for n, v in flat.items() if n.startswith(families)} for flat in (self.before, self.now))
        return before, now


def price_faults(flat: Flat, row: Row) -> list[Problem]:
    """What is wrong with the variant's prices that the row names; what belongs to a price or sale goes with it."""
    currencies = sorted({name.partition(".")[2] for name in row.values if name.startswith(OF_PRICE)})
    return [problem for currency in currencies for problem in _faults(flat, row, currency)]


def write_prices(changes: Sequence[VariantChange]) -> None:
    """Keep the prices that differ, and take away those that are gone; the caller holds the products' locks."""
    kept: dict[UUID, list[NewPrice]] = {}
    dropped: list[tuple[UUID, str]] = []
    for change in changes:
        before, now = change.of(*OF_PRICE)
        differing = {name for name in (*before, *now) if before.get(name) != now.get(name)}
        for currency in sorted({name.partition(".")[2] for name in differing}):
            if f"price.{currency}" in now:
                kept.setdefault(change.id, []).append(_price(now, currency))
            else:
                dropped.append((change.id, currency))
    prices.set_many(kept)
    if dropped:
        variant_ids, currencies = zip(*dropped, strict=True)
        execute(_DROP, [list(variant_ids), list(currencies)])


def _settle(flat: Flat, row: Row, currency: str) -> None:
    """What belongs to a price goes with it, a period goes with its sale, and a sale that is over when nothing is said
    of it: a new regular price need not care."""
    regular, sale, starts, ends = (f"{family}{currency}" for family in OF_PRICE)
    is_over = sale not in row.values and ends in flat and flat[ends] <= clock.now()
    if regular not in flat or is_over:
        gone: tuple[str, ...] = (sale, starts, ends)
    elif sale not in flat and sale in row.values:
        gone = (starts, ends)
    else:
        return
    for name in gone:
        if row.values.get(name) is None:
            flat.pop(name, None)


def _faults(flat: Flat, row: Row, currency: str) -> list[Problem]:
    _settle(flat, row, currency)
    regular, sale, starts, ends = (flat.get(f"{family}{currency}") for family in OF_PRICE)
    if regular is None and (sale or starts or ends):
        return [Problem(row.line, f"price.{currency}", "required", "There is no price to be lowered.")]
    if sale is None and (starts or ends):
        return [Problem(row.line, f"sale.{currency}", "required", "A period belongs to a sale price.")]
    if sale is not None and _minor(sale, currency) >= _minor(str(regular), currency):
        return [Problem(row.line, f"sale.{currency}", "not_lower", "A sale price is lower than the regular price.")]
    if starts and ends and starts >= ends:
        return [Problem(row.line, f"sale_ends_at.{currency}", "invalid", "A sale ends after it has begun.")]
    return []


def _minor(amount: str, currency: str) -> int:
    return Money.parse(amount, currency).minor


def _price(flat: Flat, currency: str) -> NewPrice:
    sale = flat.get(f"sale.{currency}")
    return NewPrice(
        regular=Money.parse(flat[f"price.{currency}"], currency),
        sale=Money.parse(sale, currency) if sale else None,
        sale_starts_at=flat.get(f"sale_starts_at.{currency}"),
        sale_ends_at=flat.get(f"sale_ends_at.{currency}"),
    )


_DROP = """
    DELETE FROM catalog_price
    WHERE (variant_id, currency) IN (SELECT * FROM unnest(%s::uuid[], %s::text[]))
"""
