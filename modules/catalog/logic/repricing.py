"""Many prices at once: all regular prices of some products, or of a branch of the tree, by so many percent."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, Invalid
from ecommerce.kernel.money import EXPONENTS, MAX_MINOR, Money, round_half_up
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.listings import refresh_product_prices
from modules.catalog.logic.prices import NewPrice, set_many
from modules.catalog.models import Product

BATCH = 500
# In one transaction, while somebody waits.
MOST_AT_ONCE = 2000
MOST_PERCENT = 1000


@dataclass(frozen=True, kw_only=True)
class Repricing:
    """What is to be: prices of these products, or of all in this category and below it, higher or lower by `percent`.

    Rounded to the nearest minor unit; with an `ending` such as 0.99 to the nearest price that ends so. Halves go up.
    """

    currency: str
    percent: Decimal
    ending: Decimal | None = None
    product_ids: Sequence[UUID] = ()
    category_id: UUID | None = None


class Repriced(NamedTuple):
    """One variant's regular price as it is and as it would be, or why it stays."""

    product_id: UUID
    variant_id: UUID
    sku: str
    old: Money
    new: Money
    problem: str | None


@dataclass(kw_only=True)
class Outcome:
    """How many prices are others now, and those that had to stay as they were."""

    changed: int = 0
    skipped: list[Repriced] = field(default_factory=list)


class PricesChanged(Conflict):
    """Prices are others than those that were shown: look again."""

    code = "prices_changed"


class Preview(NamedTuple):
    """What would be, and what names exactly that."""

    rows: list[Repriced]
    seen: str

    @property
    def changes(self) -> int:
        """How many prices would be others."""
        return sum(not row.problem and row.new != row.old for row in self.rows)


class _Change(NamedTuple):
    shown: Repriced
    price: NewPrice


def preview_repricing(wish: Repricing) -> Iterator[Repriced]:
    """What `reprice` would do now, product by product; changes nothing. Refuses wishes that make no sense."""
    _check(wish)
    return (change.shown for ids in _batches(wish) for change in _changes(wish, ids))


def preview(wish: Repricing) -> Preview:
    """All of what `reprice_as_seen` would do now; refuses more than 2,000 products, and wishes that make no sense."""
    return _preview(_changes(wish, _at_once(wish)))


def reprice_as_seen(wish: Repricing, *, seen: str) -> Outcome:
    """Do what a preview has shown, in one transaction; refuses (PricesChanged) where anything is otherwise by now, so
    that a second click changes nothing."""
    outcome = Outcome()
    with atomic(Product):
        ids = _at_once(wish)
        _lock(ids)
        changes = list(_changes(wish, ids))
        if _preview(changes).seen != seen:
            raise PricesChanged
        _apply(changes, outcome)
    return outcome


def reprice(wish: Repricing) -> Outcome:
    """Change the regular prices, so many products in each transaction; refuses wishes that make no sense.

    A sale that would be no lower than the new regular price keeps its variant's price as it is. Repeating it changes
    the prices once more, by the same percentage.
    """
    _check(wish)
    outcome = Outcome()
    for ids in _batches(wish):
        with atomic(Product):
            _lock(ids)
            _apply(_changes(wish, ids), outcome)
    return outcome


def round_price(exact: Fraction, currency: str, ending: Decimal | None) -> int:
    """To the nearest minor unit, or to the nearest price with that ending; what is free stays free."""
    if ending is None or not exact:
        return round_half_up(exact)
    unit: int = 10 ** EXPONENTS[currency]
    last = int(ending * unit)
    return max(0, round_half_up((exact - last) / unit)) * unit + last


def _at_once(wish: Repricing) -> list[UUID]:
    _check(wish)
    ids: list[UUID] = []
    for batch in _batches(wish):
        ids += batch
        if len(ids) > MOST_AT_ONCE:
            raise Invalid(f"That is more than {MOST_AT_ONCE} products: choose a smaller part of the shop.")
    return ids


def _lock(product_ids: Sequence[UUID]) -> None:
    fetch("SELECT FROM catalog_product WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(product_ids)])


def _preview(changes: Iterable[_Change]) -> Preview:
    rows = [change.shown for change in changes]
    facts = [(str(row.variant_id), row.old.minor, row.new.minor, row.problem) for row in rows]
    return Preview(rows, hashlib.sha256(msgspec.json.encode(facts)).hexdigest())


def _apply(changes: Iterable[_Change], outcome: Outcome) -> None:
    changes = list(changes)
    outcome.skipped += [change.shown for change in changes if change.shown.problem]
    wanted = [change for change in changes if not change.shown.problem and change.shown.new != change.shown.old]
    if wanted:
        set_many({change.shown.variant_id: [change.price] for change in wanted})
        ids = sorted({change.shown.product_id for change in wanted})
        execute(_NEXT_VERSION, [clock.now(), ids])
        refresh_product_prices(ids)
        outcome.changed += len(wanted)


def _changes(wish: Repricing, product_ids: Sequence[UUID]) -> Iterator[_Change]:
    factor, now = 1 + Fraction(wish.percent) / 100, clock.now()
    for row in fetch(_PRICES, {"ids": list(product_ids), "currency": wish.currency}):
        yield _change(wish, factor, row, now)


def _change(wish: Repricing, factor: Fraction, row: tuple[Any, ...], now: datetime) -> _Change:
    product_id, variant_id, sku, old, sale, starts, ends = row
    # A sale that is over stands in nobody's way.
    if ends and ends <= now:
        sale = starts = ends = None
    new = round_price(old * factor, wish.currency, wish.ending)
    problem = _problem(new, sale)
    before, after = _money(old, wish.currency), _money(old if new > MAX_MINOR else new, wish.currency)
    price = NewPrice(
        regular=after,
        sale=None if sale is None else _money(sale, wish.currency),
        sale_starts_at=starts,
        sale_ends_at=ends,
    )
    return _Change(Repriced(product_id, variant_id, sku, before, after, problem), price)


def _problem(new: int, sale: int | None) -> str | None:
    if new > MAX_MINOR:
        return "too_high"
    return "sale_not_lower" if sale is not None and sale >= new else None


def _money(minor: int, currency: str) -> Money:
    return Money(minor=minor, currency=currency)


def _check(wish: Repricing) -> None:
    if wish.currency not in EXPONENTS:
        raise Invalid(f"{wish.currency} is no currency.")
    if not wish.percent.is_finite() or not -100 < wish.percent <= MOST_PERCENT or not wish.percent:
        raise Invalid(f"Prices change by more than -100 and at most {MOST_PERCENT} percent, and not by 0.")
    if bool(wish.product_ids) == (wish.category_id is not None):
        raise Invalid("Name products or a category, one of them.")
    if wish.ending is not None:
        _check_ending(wish.ending, wish.currency)


def _check_ending(ending: Decimal, currency: str) -> None:
    decimals = EXPONENTS[currency]
    in_range = ending.is_finite() and 0 <= ending < 1
    if not in_range or (Fraction(ending) * 10**decimals).denominator != 1:
        raise Invalid(f"An ending is 0 or more, less than 1, and has the {decimals} decimals of {currency} at most.")


def _batches(wish: Repricing) -> Iterator[Sequence[UUID]]:
    if wish.category_id is not None:
        return _in_branch(wish.category_id)
    ids = sorted(set(wish.product_ids))
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _in_branch(category_id: UUID) -> Iterator[list[UUID]]:
    last = UUID(int=0)
    while rows := fetch(_IN_BRANCH, {"category_id": category_id, "after": last, "limit": BATCH}):
        yield [row[0] for row in rows]
        last = rows[-1][0]


# Archived goods keep the prices they were sold at.
_PRICES = """
    SELECT product.id, variant.id, variant.sku, price.regular_minor, price.sale_minor, price.sale_starts_at,
           price.sale_ends_at
    FROM catalog_product product
    JOIN catalog_variant variant ON variant.product_id = product.id AND variant.archived_at IS NULL
    JOIN catalog_price price ON price.variant_id = variant.id AND price.currency = %(currency)s
    WHERE product.id = ANY(%(ids)s) AND product.status <> 'archived'
    ORDER BY product.id, variant.position, variant.id
"""
_IN_BRANCH = """
    WITH RECURSIVE branch AS (
        SELECT id FROM catalog_category WHERE id = %(category_id)s
        UNION ALL
        SELECT below.id FROM catalog_category below JOIN branch ON below.parent_id = branch.id
    )
    SELECT id FROM catalog_product
    WHERE category_id IN (SELECT id FROM branch) AND status <> 'archived' AND id > %(after)s
    ORDER BY id LIMIT %(limit)s
"""
_NEXT_VERSION = "UPDATE catalog_product SET version = version + 1, updated_at = %s WHERE id = ANY(%s)"
