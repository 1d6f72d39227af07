"""What things cost: the regular price, a sale price with its period, and which of them is in force."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.catalog.logic.database import execute
from modules.catalog.logic.price_history import APPEND, LOWEST


@dataclass(frozen=True, kw_only=True)
class NewPrice:
    """A price and, for a while or for good, a lower one; both in the same currency, periods open where left out."""

    regular: Money
    sale: Money | None = None
    sale_starts_at: datetime | None = None
    sale_ends_at: datetime | None = None


class Fault(NamedTuple):
    """What is wrong with a price: the field that is, and the reason in words."""

    field: str
    detail: str


class Terms(NamedTuple):
    """A price as it is kept: what staff wrote, in minor units."""

    variant_id: UUID
    currency: str
    regular_minor: int
    sale_minor: int | None
    sale_starts_at: datetime | None
    sale_ends_at: datetime | None


def set_prices(variant_id: UUID, prices: Iterable[NewPrice]) -> None:
    """Replace the prices in the given currencies and leave the others, as `set_many` does for many variants."""
    set_many({variant_id: prices})


def set_many(prices: Mapping[UUID, Iterable[NewPrice]]) -> None:
    """Replace the variants' prices in the given currencies and leave the others, by one statement; repeatable.

    The history gets a row where the price in force is another now, or the first. The caller holds the products' locks,
    and derives their listings anew. Refuses prices with a fault, and two in one currency.
    """
    terms = [_terms(variant_id, price) for variant_id, ones in prices.items() for price in _checked(variant_id, ones)]
    put_in_force(terms, clock.now())


def put_in_force(terms: Sequence[Terms], at: datetime) -> None:
    """Write the prices with what follows from them at that instant; the caller holds the products' locks."""
    if terms:
        columns = [list(column) for column in zip(*terms, strict=True)]
        ids = [[new_id() for _ in terms] for _ in range(3)]
        execute(_PUT, dict(zip(_COLUMNS, [*ids, *columns, at], strict=True)))


def find_fault(price: NewPrice) -> Fault | None:
    """What is wrong with the price, if anything is."""
    regular, sale = price.regular, price.sale
    if regular.minor < 0:
        return Fault("regular", f"{regular}: a price is not negative.")
    if sale is None:
        has_period = price.sale_starts_at or price.sale_ends_at
        return Fault("sale", "A period is that of a sale price, and there is none.") if has_period else None
    if sale.currency != regular.currency:
        return Fault("sale", f"The sale price is in {sale.currency} and the regular price in {regular.currency}.")
    if sale.minor < 0:
        return Fault("sale", f"{sale}: a price is not negative.")
    if sale.minor >= regular.minor:
        return Fault("sale", f"The sale price {sale} is not lower than the regular price {regular}.")
    if price.sale_starts_at and price.sale_ends_at and price.sale_ends_at <= price.sale_starts_at:
        return Fault("sale_ends_at", "The sale ends before it has started.")
    return None


def _checked(variant_id: UUID, prices: Iterable[NewPrice]) -> list[NewPrice]:
    prices, seen = list(prices), set[str]()
    for price in prices:
        currency, fault = price.regular.currency, find_fault(price)
        if currency in seen:
            fault = Fault("regular", f"There are two prices in {currency}.")
        if fault:
            raise Invalid(fault.detail, variant_id=str(variant_id), currency=currency, field=fault.field)
        seen.add(currency)
    return prices


def _terms(variant_id: UUID, price: NewPrice) -> Terms:
    return Terms(
        variant_id,
        price.regular.currency,
        price.regular.minor,
        price.sale.minor if price.sale else None,
        price.sale_starts_at,
        price.sale_ends_at,
    )


_COLUMNS = (
    "ids",
    "change_ids",
    "first_change_ids",
    "variant_ids",
    "currencies",
    "regulars",
    "sales",
    "starts",
    "ends",
    "at",
)
# The sale's price from its start until just before its end, else the regular one; and when that changes.
_IN_FORCE = """
    SELECT CASE WHEN sells THEN given.sale_minor ELSE given.regular_minor END AS amount_minor,
           CASE WHEN sells THEN given.regular_minor END AS compare_at_minor,
           CASE WHEN sells THEN given.sale_ends_at
                WHEN given.sale_starts_at > %(at)s THEN given.sale_starts_at END AS changes_at
    FROM (SELECT given.sale_minor IS NOT NULL
                 AND coalesce(given.sale_starts_at <= %(at)s, true)
                 AND coalesce(given.sale_ends_at > %(at)s, true)) AS sale (sells)
"""
# `at` of the history grows from row to row, whatever the clocks of several machines say.
_PUT = f"""
    WITH given AS (
        SELECT * FROM unnest(
            %(ids)s::uuid[], %(change_ids)s::uuid[], %(first_change_ids)s::uuid[], %(variant_ids)s::uuid[],
            %(currencies)s::text[], %(regulars)s::bigint[], %(sales)s::bigint[], %(starts)s::timestamptz[],
            %(ends)s::timestamptz[]
        ) AS given (id, change_id, first_change_id, variant_id, currency, regular_minor, sale_minor, sale_starts_at,
                    sale_ends_at)
    ), new AS (
        SELECT given.*, in_force.*, product.published_at, product.created_at, last.at AS last_at,
               old.amount_minor AS old_minor, old.lowest_minor AS old_lowest_minor,
               greatest(
                   %(at)s::timestamptz,
                   coalesce(last.at, CASE WHEN old.id IS NOT NULL THEN product.created_at END)
                       + interval '1 microsecond'
               ) AS at
        FROM given
        JOIN catalog_variant variant ON variant.id = given.variant_id
        JOIN catalog_product product ON product.id = variant.product_id
        LEFT JOIN catalog_price old ON old.variant_id = given.variant_id AND old.currency = given.currency
        LEFT JOIN LATERAL (
            SELECT change.at FROM catalog_pricechange change
            WHERE change.variant_id = given.variant_id AND change.currency = given.currency
            ORDER BY change.at DESC LIMIT 1
        ) last ON true
        CROSS JOIN LATERAL ({_IN_FORCE}) in_force
    ), {APPEND}
    INSERT INTO catalog_price (id, variant_id, currency, regular_minor, sale_minor, sale_starts_at, sale_ends_at,
                               amount_minor, compare_at_minor, changes_at, lowest_minor)
    SELECT id, variant_id, currency, regular_minor, sale_minor, sale_starts_at, sale_ends_at, amount_minor,
           compare_at_minor, changes_at, {LOWEST}
    FROM new
    ON CONFLICT (variant_id, currency) DO UPDATE
    SET regular_minor = EXCLUDED.regular_minor, sale_minor = EXCLUDED.sale_minor,
        sale_starts_at = EXCLUDED.sale_starts_at, sale_ends_at = EXCLUDED.sale_ends_at,
        amount_minor = EXCLUDED.amount_minor, compare_at_minor = EXCLUDED.compare_at_minor,
        changes_at = EXCLUDED.changes_at, lowest_minor = EXCLUDED.lowest_minor
"""  # noqa: S608  (only this module's own fragments; every value is a parameter)
