"""A product's words in the shop's other languages; what is not translated is shown in the shop's own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ecommerce.kernel.ids import new_id
from modules.catalog.models import ProductTranslation

WORDS = ("title", "description", "seo")

Words = Mapping[str, Any]


def set_translations(product_id: UUID, translations: Mapping[str, Words | None]) -> None:
    """Replace the words of the given languages and leave the others, None takes a language away; in the open
    transaction, under the product's lock. Repeating it is safe."""
    gone = [language for language, words in translations.items() if words is None]
    rows = [
        ProductTranslation(id=new_id(), product_id=product_id, language=language, **_all(words))
        for language, words in translations.items()
        if words is not None
    ]
    if gone:
        ProductTranslation.objects.filter(product_id=product_id, language__in=gone).delete()
    if rows:
        ProductTranslation.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["product", "language"], update_fields=WORDS
        )


def get_translations(product_id: UUID) -> dict[str, dict[str, Any]]:
    """A product's words by language."""
    rows = ProductTranslation.objects.filter(product_id=product_id).order_by("language")
    return {row.language: {name: getattr(row, name) for name in WORDS} for row in rows}


def _all(words: Words) -> dict[str, Any]:
    return {"title": words.get("title", ""), "description": words.get("description", ""), "seo": words.get("seo", {})}
