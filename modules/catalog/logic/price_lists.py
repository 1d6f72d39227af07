"""Many variants' prices at once, with their history: what `prices.set_prices` does for one, by two statements."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from modules.catalog.logic.database import execute
from modules.catalog.logic.prices import NewPrice, in_force

# 98/6/EC, article 6a: what a price was lowered from is the lowest of so long before.
LOOKS_BACK = timedelta(days=30)


class ListedPrice(NamedTuple):
    """What a variant is to cost."""

    variant_id: UUID
    price: NewPrice


def write_prices(listed: Sequence[ListedPrice]) -> None:
    """Replace these prices; a changed price in force goes into the history. The caller holds the products' locks."""
    if not listed:
        return
    now = clock.now()
    rows = msgspec.json.encode([_row(one, now) for one in listed]).decode()
    # The prices first: a reduction looks at what was in force before it.
    values = {"rows": rows, "now": now, "since": now - LOOKS_BACK}
    execute(_SET, values)
    execute(_HISTORY, values)


def drop_prices(prices: Sequence[tuple[UUID, str]]) -> None:
    """The variants cost nothing any more in these currencies: they are not offered in them."""
    if prices:
        variant_ids, currencies = zip(*prices, strict=True)
        execute(_DROP, [list(variant_ids), list(currencies)])


def _row(listed: ListedPrice, now: Any) -> dict[str, Any]:
    price = listed.price
    return {
        "id": new_id(),
        "change_id": new_id(),
        "variant_id": listed.variant_id,
        "currency": price.regular.currency,
        "regular_minor": price.regular.minor,
        "sale_minor": price.sale.minor if price.sale else None,
        "sale_starts_at": price.sale_starts_at,
        "sale_ends_at": price.sale_ends_at,
        **in_force(price, now)._asdict(),
    }


_ROWS = """jsonb_to_recordset(%(rows)s::jsonb) AS row (
    id uuid, change_id uuid, variant_id uuid, currency text, regular_minor bigint, sale_minor bigint,
    sale_starts_at timestamptz, sale_ends_at timestamptz, amount_minor bigint, compare_at_minor bigint,
    changes_at timestamptz)"""
# A price that is lowered again while it is lowered keeps the one that was lowest before the first reduction.
_SET = f"""
    INSERT INTO catalog_price (id, variant_id, currency, regular_minor, sale_minor, sale_starts_at, sale_ends_at,
                               amount_minor, compare_at_minor, changes_at, lowest_minor)
    SELECT row.id, row.variant_id, row.currency, row.regular_minor, row.sale_minor, row.sale_starts_at,
           row.sale_ends_at, row.amount_minor, row.compare_at_minor, row.changes_at,
           CASE
               WHEN row.compare_at_minor IS NULL THEN NULL
               WHEN old.compare_at_minor IS NOT NULL THEN old.lowest_minor
               ELSE (
                   SELECT min(change.amount_minor) FROM catalog_pricechange change
                   WHERE change.variant_id = row.variant_id AND change.currency = row.currency
                     AND change.at >= coalesce((
                         SELECT max(earlier.at) FROM catalog_pricechange earlier
                         WHERE earlier.variant_id = row.variant_id AND earlier.currency = row.currency
                           AND earlier.at <= %(since)s
                     ), %(since)s)
               )
           END
    FROM {_ROWS}
    LEFT JOIN catalog_price old ON old.variant_id = row.variant_id AND old.currency = row.currency
    ON CONFLICT (variant_id, currency) DO UPDATE
    SET regular_minor = EXCLUDED.regular_minor, sale_minor = EXCLUDED.sale_minor,
        sale_starts_at = EXCLUDED.sale_starts_at, sale_ends_at = EXCLUDED.sale_ends_at,
        amount_minor = EXCLUDED.amount_minor, compare_at_minor = EXCLUDED.compare_at_minor,
        changes_at = EXCLUDED.changes_at, lowest_minor = EXCLUDED.lowest_minor
"""  # noqa: S608  (only this file's own fragment; every value is a parameter)
_HISTORY = f"""
    INSERT INTO catalog_pricechange (id, variant_id, currency, amount_minor, at)
    SELECT row.change_id, row.variant_id, row.currency, row.amount_minor, %(now)s
    FROM {_ROWS}
    WHERE row.amount_minor IS DISTINCT FROM (
        SELECT change.amount_minor FROM catalog_pricechange change
        WHERE change.variant_id = row.variant_id AND change.currency = row.currency
        ORDER BY change.at DESC LIMIT 1
    )
"""  # noqa: S608  (only this file's own fragment; every value is a parameter)
_DROP = """
    DELETE FROM catalog_price
    WHERE (variant_id, currency) IN (SELECT * FROM unnest(%s::uuid[], %s::text[]))
"""
