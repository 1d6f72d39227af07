"""What was ever sold is archived, what never was may be deleted: judged while nobody can buy it."""

from collections.abc import Sequence
from uuid import UUID

from modules.catalog.logic.database import fetch
from modules.catalog.models import StockLevel, StockMovement


def lock_stock(variant_ids: Sequence[UUID]) -> None:
    """Until the transaction ends nobody holds, sells or moves these variants; after the product, levels by id as
    everywhere."""
    ids = list(variant_ids)
    fetch("SELECT FROM catalog_variant WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids])
    fetch("SELECT FROM catalog_stocklevel WHERE variant_id = ANY(%s) ORDER BY id FOR UPDATE", [ids])


def lock_stock_of(product_id: UUID) -> list[UUID]:
    """The same of all variants of the product, whose lock the caller holds; their ids."""
    rows = fetch("SELECT id FROM catalog_variant WHERE product_id = %s ORDER BY id", [product_id])
    variant_ids = [variant_id for (variant_id,) in rows]
    lock_stock(variant_ids)
    return variant_ids


def was_sold(variant_ids: Sequence[UUID]) -> bool:
    """Whether any of them was ever put aside for an order, or sold."""
    return bool(fetch(_SOLD, [list(variant_ids)]))


def clear_stock(variant_ids: Sequence[UUID]) -> None:
    """Forget the levels of what was never sold, and how they came to be."""
    StockMovement.objects.filter(level__variant_id__in=variant_ids).delete()
    StockLevel.objects.filter(variant_id__in=variant_ids).delete()


_SOLD = """
    SELECT FROM catalog_stocklevel level
    WHERE level.variant_id = ANY(%s) AND (
        EXISTS (SELECT FROM catalog_stockholdline line WHERE line.level_id = level.id)
        OR EXISTS (SELECT FROM catalog_stockmovement moved WHERE moved.level_id = level.id AND moved.kind = 'sold')
    )
    LIMIT 1
"""
