"""One product with everything a buyer decides by: three statements, however many variants it has, and a fourth where
other products stand beside it."""

from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ecommerce.kernel.errors import NotFound
from ecommerce.kernel.money import Money
from modules.catalog.logic.categories import CategoryLink, get_breadcrumb
from modules.catalog.logic.database import fetch
from modules.catalog.logic.images import Image, read_images
from modules.catalog.logic.levels import AVAILABLE, FEW
from modules.catalog.logic.listing import Card, list_related
from modules.catalog.logic.product_slugs import find_moved, reads_as_id
from modules.catalog.logic.ratings import Rating, rating_of
from modules.catalog.logic.translations import PRODUCT_WORDS


class VariantDetail(NamedTuple):
    """A variant as its buyer sees it: no figure of stock, only whether there is any, and whether it is the last."""

    id: UUID
    sku: str
    options: dict[str, str]
    price: Money | None
    compare_at: Money | None
    lowest_price_30_days: Money | None
    in_stock: bool
    low_stock: bool
    images: list[Image]


class Option(msgspec.Struct, frozen=True):
    """Something the variants differ in, and the values there are, in the variants' order."""

    name: str
    values: list[str]


class ProductDetail(NamedTuple):
    """A published product."""

    id: UUID
    slug: str
    title: str
    description: str
    breadcrumb: list[CategoryLink]
    options: list[Option]
    variants: list[VariantDetail]
    attributes: dict[str, Any]
    images: list[Image]
    seo: dict[str, str]
    price_from: Money | None
    compare_at: Money | None
    lowest_price_30_days: Money | None
    rating: Rating | None
    related: list[Card]


class Moved(NamedTuple):
    """The product has another slug by now."""

    slug: str


def get_product(*, slug_or_id: str, currency: str, language: str = "", hidden: bool = False) -> ProductDetail | Moved:
    """A published product by its slug or id, priced in that currency, in that language where there are words in it, or
    where it went from an old slug; refuses what is not there, or not published unless `hidden`."""
    parameters = {"key": slug_or_id, "currency": currency, "language": language, "hidden": hidden}
    rows = fetch(_PRODUCT.format(key=_key(slug_or_id), words=PRODUCT_WORDS), parameters)
    if not rows:
        return get_moved(slug_or_id, hidden=hidden)
    *shown, stars, reviews, has_related = rows[0]
    product_id, slug, title, description, category_id, options, attributes, images, seo, *prices = shown
    price_from, compare_at, lowest = (_money(minor, currency) for minor in prices)
    variants = [_variant(currency, row) for row in fetch(_VARIANTS, {"product_id": product_id, "currency": currency})]
    return ProductDetail(
        id=product_id,
        slug=slug,
        title=title,
        description=description,
        breadcrumb=get_breadcrumb(category_id, language),
        options=_options(msgspec.json.decode(options), variants),
        variants=variants,
        attributes=msgspec.json.decode(attributes),
        images=read_images(images),
        seo=msgspec.json.decode(seo),
        price_from=price_from,
        compare_at=compare_at,
        lowest_price_30_days=lowest,
        rating=rating_of(stars, reviews),
        related=list_related(product_id=product_id, currency=currency, language=language) if has_related else [],
    )


def get_moved(slug: str, *, hidden: bool) -> Moved:
    """Where the product with this old slug is now; refuses what never was one."""
    if (current := find_moved(slug, hidden=hidden)) is None:
        raise NotFound("There is no such product.")
    return Moved(current)


def _key(slug_or_id: str) -> str:
    return "product.id = %(key)s::uuid" if reads_as_id(slug_or_id) else "product.slug = %(key)s"


def _variant(currency: str, row: tuple[Any, ...]) -> VariantDetail:
    variant_id, sku, options, minor, compare_at, lowest, available, images = row
    return VariantDetail(
        id=variant_id,
        sku=sku,
        options=msgspec.json.decode(options),
        price=_money(minor, currency),
        compare_at=_money(compare_at, currency),
        lowest_price_30_days=_money(lowest, currency),
        in_stock=available > 0,
        low_stock=0 < available <= FEW,
        images=read_images(images),
    )


def _options(names: list[str], variants: list[VariantDetail]) -> list[Option]:
    return [
        Option(name, list(dict.fromkeys(variant.options[name] for variant in variants if name in variant.options)))
        for name in names
    ]


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor=minor, currency=currency)


_PRODUCT = """
    SELECT product.id, product.slug, coalesce(nullif(translation.title, ''), product.title),
           coalesce(nullif(translation.description, ''), product.description), product.category_id, product.options,
           product.attributes, product.images,
           -- A title that was translated goes before one for search engines that was not.
           CASE WHEN translation.title <> '' THEN product.seo - 'title' ELSE product.seo END
               || coalesce(translation.seo, '{{}}'),
           price.from_minor, price.compare_at_minor, price.lowest_minor, product.rating_sum, product.rating_count,
           EXISTS (SELECT FROM catalog_relatedproduct related WHERE related.product_id = product.id)
    FROM catalog_product product
    {words}
    LEFT JOIN catalog_productprice price ON price.product_id = product.id AND price.currency = %(currency)s
    WHERE {key} AND (product.status = 'published' OR %(hidden)s)
"""
_VARIANTS = f"""
    SELECT variant.id, variant.sku, variant.options, price.amount_minor, price.compare_at_minor, price.lowest_minor,
           {AVAILABLE}, variant.images
    FROM catalog_variant variant
    LEFT JOIN catalog_price price ON price.variant_id = variant.id AND price.currency = %(currency)s
    WHERE variant.product_id = %(product_id)s AND variant.archived_at IS NULL
    ORDER BY variant.position, variant.id
"""  # noqa: S608  (only this module's own fragment; every value is a parameter)
