"""Products as files know them: flat, a value by its column (see columns.py); read by six statements for any number."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ecommerce.kernel.money import Money
from modules.catalog.logic.database import fetch

Flat = dict[str, Any]


@dataclass
class Sheet:
    """A product with its variants by their SKUs, in their order; archived ones are only remembered."""

    id: UUID
    product: Flat
    variants: dict[str, Flat] = field(default_factory=dict)
    variant_ids: dict[str, UUID] = field(default_factory=dict)
    archived: frozenset[str] = frozenset()
    # What stands beside the columns: other members of the words for search engines.
    seo: dict[str, Any] = field(default_factory=dict)
    external_key: str | None = None
    is_new: bool = False

    @property
    def key(self) -> str:
        """What it is called in a file."""
        return self.external_key or str(self.product["slug"])

    def copy(self) -> "Sheet":
        """One to write on: nothing that is written there shows here."""
        variants = {sku: dict(flat) for sku, flat in self.variants.items()}
        return Sheet(
            id=self.id,
            product=dict(self.product),
            variants=variants,
            variant_ids=dict(self.variant_ids),
            archived=self.archived,
            seo=self.seo,
            external_key=self.external_key,
            is_new=self.is_new,
        )


def read_sheets(product_ids: Sequence[UUID]) -> dict[UUID, Sheet]:
    """These products as they are, in the order of their ids here."""
    ids = list(product_ids)
    sheets = {row[0]: _sheet(row) for row in fetch(_PRODUCTS, [ids])}
    for product_id, language, title, description, seo in fetch(_WORDS, [ids]):
        words = {"title": title, "description": description, **_seo(msgspec.json.decode(seo))}
        sheets[product_id].product |= {f"{name}.{language}": text for name, text in words.items() if text}
    flats = _read_variants(ids, sheets)
    _read_prices(flats)
    for variant_id, on_hand in fetch(_LEVELS, [list(flats)]):
        flats[variant_id]["on_hand"] = on_hand
    return {product_id: sheets[product_id] for product_id in ids if product_id in sheets}


def _sheet(row: tuple[Any, ...]) -> Sheet:
    product_id, key, slug, title, description, category, status, tax_class, publish_at, options, attributes, seo = row
    words = msgspec.json.decode(seo)
    flat = {
        "slug": slug,
        "title": title,
        "description": description,
        "category": category,
        "status": status,
        "tax_class": tax_class,
        "publish_at": publish_at,
        "options": msgspec.json.decode(options),
        **_seo(words),
        **{f"attr.{code}": value for code, value in sorted(msgspec.json.decode(attributes).items())},
    }
    return Sheet(id=product_id, product=_filled(flat), seo=words, external_key=key)


def _seo(words: dict[str, Any]) -> Flat:
    return {f"seo_{name}": words[name] for name in ("title", "description") if words.get(name)}


def _filled(flat: Flat) -> Flat:
    return {name: value for name, value in flat.items() if value not in ("", None, [])}


def _read_variants(ids: list[UUID], sheets: dict[UUID, Sheet]) -> dict[UUID, Flat]:
    """The variants that can be bought, by their ids."""
    flats: dict[UUID, Flat] = {}
    for variant_id, product_id, sku, barcode, options, weight_g, position, archived in fetch(_VARIANTS, [ids]):
        sheet = sheets[product_id]
        if archived:
            sheet.archived |= {sku}
            continue
        chosen = {f"option.{name}": value for name, value in msgspec.json.decode(options).items() if value}
        flat = {"sku": sku, "weight_g": weight_g, "position": position, "on_hand": 0, **chosen}
        flats[variant_id] = sheet.variants[sku] = flat | ({"barcode": barcode} if barcode else {})
        sheet.variant_ids[sku] = variant_id
    return flats


def _read_prices(flats: dict[UUID, Flat]) -> None:
    for variant_id, currency, regular, sale, starts, ends in fetch(_PRICES, [list(flats)]):
        flats[variant_id] |= _price(currency, regular, sale, starts, ends)


def _price(currency: str, regular: int, sale: int | None, starts: datetime | None, ends: datetime | None) -> Flat:
    flat: Flat = {f"price.{currency}": Money(minor=regular, currency=currency).amount}
    if sale is not None:
        flat[f"sale.{currency}"] = Money(minor=sale, currency=currency).amount
    if starts:
        flat[f"sale_starts_at.{currency}"] = starts
    if ends:
        flat[f"sale_ends_at.{currency}"] = ends
    return flat


_PRODUCTS = """
    SELECT product.id, product.external_key, product.slug, product.title, product.description, category.slug,
           product.status, product.tax_class, product.publish_at, product.options, product.attributes, product.seo
    FROM catalog_product product JOIN catalog_category category ON category.id = product.category_id
    WHERE product.id = ANY(%s)
"""
_WORDS = """
    SELECT product_id, language, title, description, seo FROM catalog_producttranslation
    WHERE product_id = ANY(%s) ORDER BY product_id, language
"""
_VARIANTS = """
    SELECT id, product_id, sku, barcode, options, weight_g, position, archived_at IS NOT NULL
    FROM catalog_variant WHERE product_id = ANY(%s) ORDER BY product_id, position, sku
"""
_PRICES = """
    SELECT variant_id, currency, regular_minor, sale_minor, sale_starts_at, sale_ends_at
    FROM catalog_price WHERE variant_id = ANY(%s) ORDER BY variant_id, currency
"""
_LEVELS = """
    SELECT level.variant_id, level.on_hand
    FROM catalog_stocklevel level JOIN catalog_location location ON location.id = level.location_id
    WHERE level.variant_id = ANY(%s) AND location.is_default
"""
