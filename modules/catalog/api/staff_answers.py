"""A product and its variants as staff are answered: the public shape with what is theirs."""

from uuid import UUID

import msgspec

from ecommerce.kernel.errors import NotFound
from ecommerce.kernel.money import Money
from modules.catalog.api.answers import Product, Seo, StaffPrice, StaffSale, Variant, Words, product_answer
from modules.catalog.logic.staff_details import FullProduct, VariantFile, WrittenPrice, variants_of
from modules.catalog.logic.staff_details import Words as TranslatedWords


def full_answer(full: FullProduct) -> Product:
    """The full product."""
    public = product_answer(full.detail)
    files = {variant.id: file for variant, file in variants_of(full)}
    return msgspec.structs.replace(
        public,
        variants=[_variant(variant, files[variant.id]) for variant in public.variants if variant.id in files],
        status=full.status,
        publish_at=full.publish_at,
        published_at=full.published_at,
        tax_class=full.tax_class,
        external_key=full.external_key,
        version=full.version,
        created_at=full.created_at,
        updated_at=full.updated_at,
        translations={language: _words(words) for language, words in full.translations.items()},
        related_ids=full.related_ids,
    )


def variant_answer(full: FullProduct, variant_id: UUID) -> Variant:
    """One variant of the product; refuses one that somebody has taken out of it meanwhile."""
    variant = next((one for one in full_answer(full).variants if one.id == variant_id), None)
    if variant is None:
        raise NotFound("There is no such variant.")
    return variant


def _words(words: TranslatedWords) -> Words:
    return Words(words.title, words.description, Seo(words.seo.get("title", ""), words.seo.get("description", "")))


def _variant(public: Variant, file: VariantFile) -> Variant:
    return msgspec.structs.replace(
        public,
        barcode=file.barcode,
        weight_g=file.weight_g,
        on_hand=file.on_hand,
        held=file.held,
        available=file.on_hand - file.held,
        prices=[_price(price) for price in file.prices],
    )


def _price(price: WrittenPrice) -> StaffPrice:
    sale = price.sale
    reduced = None if sale is None else StaffSale(_amount(sale, price.currency), price.starts_at, price.ends_at)
    return StaffPrice(_amount(price.regular, price.currency), price.currency, reduced)


def _amount(minor: int, currency: str) -> str:
    return Money(minor=minor, currency=currency).amount
