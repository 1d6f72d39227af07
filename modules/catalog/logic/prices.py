"""What things cost, and the lowest price of each product kept beside it."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.catalog.logic.database import execute, fetch


class NewPrice(NamedTuple):
    """A price and, where it was lowered, what it was before."""

    price: Money
    compare_at: Money | None = None


def set_prices(variant_id: UUID, prices: Iterable[NewPrice]) -> None:
    """Replace the prices in the given currencies and leave the others; the caller holds the product's lock."""
    for price, compare_at in prices:
        before = compare_at.minor if compare_at else None
        execute(_SET, [new_id(), variant_id, price.currency, price.minor, before])


def refresh_product_prices(product_id: UUID) -> None:
    """Derive the product's lowest prices anew; under the product's lock, in the transaction that changed a price."""
    currencies = [row[0] for row in fetch(_CURRENCIES, [product_id])]
    ids = [new_id() for _ in currencies]
    execute(_REFRESH, {"product_id": product_id, "currencies": currencies, "ids": ids})
    execute(_FORGET, [product_id, currencies])


_SET = """
    INSERT INTO catalog_price (id, variant_id, currency, amount_minor, compare_at_minor) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (variant_id, currency) DO UPDATE
    SET amount_minor = EXCLUDED.amount_minor, compare_at_minor = EXCLUDED.compare_at_minor
"""
_CURRENCIES = """
    SELECT DISTINCT price.currency
    FROM catalog_price price JOIN catalog_variant variant ON variant.id = price.variant_id
    WHERE variant.product_id = %s ORDER BY price.currency
"""
_REFRESH = """
    INSERT INTO catalog_productprice (id, product_id, currency, from_minor, compare_at_minor)
    SELECT given.id, %(product_id)s, lowest.currency, lowest.amount_minor, lowest.compare_at_minor
    FROM (
        SELECT DISTINCT ON (price.currency) price.currency, price.amount_minor, price.compare_at_minor
        FROM catalog_price price JOIN catalog_variant variant ON variant.id = price.variant_id
        WHERE variant.product_id = %(product_id)s
        ORDER BY price.currency, price.amount_minor, price.compare_at_minor DESC NULLS LAST
    ) lowest
    JOIN unnest(%(ids)s::uuid[], %(currencies)s::text[]) AS given (id, currency) ON given.currency = lowest.currency
    ON CONFLICT (product_id, currency) DO UPDATE
    SET from_minor = EXCLUDED.from_minor, compare_at_minor = EXCLUDED.compare_at_minor
"""
_FORGET = "DELETE FROM catalog_productprice WHERE product_id = %s AND currency <> ALL(%s::text[])"
