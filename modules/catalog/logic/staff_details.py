"""One product as staff edit it: what shoppers see of it, and all that they do not."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from ecommerce.kernel.money import Money
from modules.catalog.logic.database import fetch
from modules.catalog.logic.details import Moved, ProductDetail, VariantDetail, get_moved, get_product
from modules.catalog.logic.product_slugs import reads_as_id
from modules.catalog.models import Product


class WrittenPrice(msgspec.Struct):
    """A price as staff wrote it, in minor units."""

    currency: str
    regular: int
    sale: int | None
    starts_at: datetime | None
    ends_at: datetime | None


class VariantFile(msgspec.Struct):
    """What staff know of a variant beside its buyers."""

    id: UUID
    barcode: str
    weight_g: int
    on_hand: int
    held: int
    prices: list[WrittenPrice]


class Words(msgspec.Struct):
    """A product's words in another language; empty where the own ones are shown."""

    title: str
    description: str
    seo: dict[str, str]


class FullProduct(NamedTuple):
    """A product of any status."""

    detail: ProductDetail
    status: str
    publish_at: datetime | None
    published_at: datetime | None
    tax_class: str
    external_key: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    variants: dict[UUID, VariantFile]
    translations: dict[str, Words]
    related_ids: list[UUID]


def get_full_product(*, slug_or_id: str, currency: str) -> FullProduct | Moved:
    """The product by its slug or id, or where it went from an old slug; refuses what is not there. Five statements at
    most."""
    key = "product.id = %s::uuid" if reads_as_id(slug_or_id) else "product.slug = %s"
    # First, so that the version is never newer than what is read: a change based on it would undo another's unseen.
    rows = fetch(_FILE.format(key=key), [slug_or_id])
    if not rows:
        return get_moved(slug_or_id, hidden=True)
    product_id, status, publish_at, published_at, tax_class, external_key, version, created_at, updated_at, *more = (
        rows[0]
    )
    variants, translations, related_ids = more
    detail = get_product(slug_or_id=str(product_id), currency=currency, hidden=True)
    if isinstance(detail, Moved):
        return detail
    return FullProduct(
        detail=detail if status == Product.Status.PUBLISHED else _priced(detail),
        status=status,
        publish_at=publish_at,
        published_at=published_at,
        tax_class=tax_class,
        external_key=external_key,
        version=version,
        created_at=created_at,
        updated_at=updated_at,
        variants={file.id: file for file in msgspec.json.decode(variants, type=list[VariantFile])},
        translations=msgspec.json.decode(translations, type=dict[str, Words]),
        related_ids=related_ids,
    )


def _priced(detail: ProductDetail) -> ProductDetail:
    """With the lowest price among the variants', which is kept for published products only."""
    priced = [variant for variant in detail.variants if variant.price is not None]
    if not priced:
        return detail
    lowest = min(priced, key=_rank)
    return detail._replace(price_from=lowest.price, compare_at=lowest.compare_at)


def _rank(variant: VariantDetail) -> tuple[int, int]:
    price, before = variant.price, variant.compare_at
    return (_minor(price), -_minor(before))


def _minor(money: Money | None) -> int:
    return 0 if money is None else money.minor


def variants_of(full: FullProduct) -> list[tuple[VariantDetail, VariantFile]]:
    """Both sides of each variant; one that came between the two statements is left to the next reader."""
    return [(variant, full.variants[variant.id]) for variant in full.detail.variants if variant.id in full.variants]


_FILE = """
    SELECT product.id, product.status, product.publish_at, product.published_at, product.tax_class,
           product.external_key, product.version, product.created_at, product.updated_at, (
               SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'id', variant.id, 'barcode', variant.barcode, 'weight_g', variant.weight_g,
                   'on_hand', coalesce(stock.on_hand, 0), 'held', coalesce(stock.held, 0),
                   'prices', coalesce(price.list, '[]')
               )), '[]')
               FROM catalog_variant variant
               LEFT JOIN LATERAL (
                   SELECT sum(level.on_hand) AS on_hand, sum(level.held) AS held
                   FROM catalog_stocklevel level WHERE level.variant_id = variant.id
               ) stock ON true
               LEFT JOIN LATERAL (
                   SELECT jsonb_agg(jsonb_build_object(
                       'currency', price.currency, 'regular', price.regular_minor, 'sale', price.sale_minor,
                       'starts_at', price.sale_starts_at, 'ends_at', price.sale_ends_at
                   ) ORDER BY price.currency) AS list
                   FROM catalog_price price WHERE price.variant_id = variant.id
               ) price ON true
               WHERE variant.product_id = product.id AND variant.archived_at IS NULL
           ), (
               SELECT coalesce(jsonb_object_agg(words.language, jsonb_build_object(
                   'title', words.title, 'description', words.description, 'seo', words.seo
               )), '{{}}')
               FROM catalog_producttranslation words WHERE words.product_id = product.id
           ), ARRAY(
               SELECT related.related_id FROM catalog_relatedproduct related
               WHERE related.product_id = product.id ORDER BY related.position, related.id
           )
    FROM catalog_product product
    WHERE {key}
"""
