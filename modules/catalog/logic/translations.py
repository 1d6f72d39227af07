"""A product's words in the shop's other languages; what is not translated is shown in the shop's own."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from modules.catalog.logic.categories import NAME, WORDS
from modules.catalog.models import ProductTranslation

# What is translated, and what stands there where nothing is.
EMPTY: dict[str, Any] = {"title": "", "description": "", "seo": {}}

Translations = Mapping[str, Mapping[str, Any] | None]


class Names(NamedTuple):
    """What products and categories are called, as SQL over `product` and `category`, and what to join for either."""

    product: str
    category: str
    of_products: str
    of_categories: str


def names_in(language: str) -> Names:
    """In %(language)s, where there are words in it; nothing is joined for the shop's own language."""
    return _OWN if language in ("", settings.LANGUAGE_CODE) else _TRANSLATED


def set_translations(product_id: UUID, translations: Translations) -> bool:
    """Replace the words of the given languages and leave the others, None takes a language away; in the open
    transaction, under the product's lock. Whether anything is different now; repeating it is safe."""
    kept = get_translations(product_id) if translations else {}
    gone = [language for language, words in translations.items() if words is None and language in kept]
    wanted = {language: EMPTY | dict(words) for language, words in translations.items() if words is not None}
    changed = {language: words for language, words in wanted.items() if words != kept.get(language)}
    if gone:
        ProductTranslation.objects.filter(product_id=product_id, language__in=gone).delete()
    if changed:
        rows = [ProductTranslation(product_id=product_id, language=code, **words) for code, words in changed.items()]
        ProductTranslation.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["product", "language"], update_fields=EMPTY
        )
    return bool(gone or changed)


def get_translations(product_id: UUID) -> dict[str, dict[str, Any]]:
    """A product's words by language."""
    rows = ProductTranslation.objects.filter(product_id=product_id).order_by("language")
    return {row.language: {name: getattr(row, name) for name in EMPTY} for row in rows}


PRODUCT_WORDS = """LEFT JOIN catalog_producttranslation translation
    ON translation.product_id = product.id AND translation.language = %(language)s"""
_OWN = Names("product.title", "category.name", "", "")
_TRANSLATED = Names("coalesce(nullif(translation.title, ''), product.title)", NAME, PRODUCT_WORDS, WORDS)
