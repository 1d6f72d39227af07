"""What can be bought, as it is now."""

from typing import Any
from uuid import UUID

import msgspec

from ecommerce.kernel.money import EXPONENTS, Money
from modules.catalog.contracts import Variant
from modules.catalog.logic.database import fetch
from modules.catalog.logic.images import absolute_url
from modules.catalog.logic.levels import AVAILABLE


def find_variants(*, currency: str, ids: list[UUID] = [], skus: list[str] = []) -> list[Variant]:  # noqa: B006  (never changed; a plain default crosses the wire)
    """The published ones among these ids and SKUs, at the price and stock of now; others are left out."""
    if not ids and not skus:
        return []
    rows = fetch(_FIND, {"currency": currency, "ids": ids, "skus": [sku for sku in skus if "\0" not in sku]})
    return [_variant(currency, row) for row in rows]


def _variant(currency: str, row: tuple[Any, ...]) -> Variant:
    variant_id, product_id, sku, title, options, image, minor, category_ids, tax_class, weight_g, available = row
    known = minor is not None and currency in EXPONENTS
    return Variant(
        id=variant_id,
        product_id=product_id,
        sku=sku,
        title=title,
        options=msgspec.json.decode(options),
        image=absolute_url(image) if image else None,
        price=Money(minor=minor, currency=currency) if known else None,
        category_ids=category_ids,
        tax_class=tax_class,
        weight_g=weight_g,
        available=available,
    )


# A product stands on its own shelf and on every shelf above.
_FIND = f"""
    SELECT variant.id, product.id, variant.sku, product.title, variant.options,
           coalesce(variant.images #>> '{{0,small,url}}', product.images #>> '{{0,small,url}}'),
           price.amount_minor,
           ARRAY(
               WITH RECURSIVE up (id, parent_id, depth) AS (
                   SELECT id, parent_id, 0 FROM catalog_category WHERE id = product.category_id
                   UNION ALL
                   SELECT above.id, above.parent_id, depth + 1
                   FROM catalog_category above JOIN up ON above.id = up.parent_id
               )
               SELECT id FROM up ORDER BY depth
           ),
           product.tax_class, variant.weight_g,
           {AVAILABLE}
    FROM catalog_variant variant
    JOIN catalog_product product ON product.id = variant.product_id AND product.status = 'published'
    LEFT JOIN catalog_price price ON price.variant_id = variant.id AND price.currency = %(currency)s
    WHERE variant.archived_at IS NULL AND (variant.id = ANY(%(ids)s) OR variant.sku = ANY(%(skus)s))
    ORDER BY variant.id
"""  # noqa: S608  (only this module's own fragment; every value is a parameter)
