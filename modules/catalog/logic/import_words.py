"""Products' words in more languages, as a file gives them."""

from collections.abc import Sequence
from typing import Any

from modules.catalog.logic.database import execute
from modules.catalog.logic.product_sheets import Flat, Sheet
from modules.catalog.models import ProductTranslation

FAMILIES = ("title.", "description.", "seo_title.", "seo_description.")


def write_translations(changes: Sequence[tuple[Flat, Sheet]]) -> None:
    """Keep the words that differ from those before; a language with none left is forgotten."""
    kept, gone = [], []
    for before, sheet in changes:
        for language, words in _differing(before, sheet.product).items():
            if any(words.values()):
                kept.append(_row(sheet, language, words))
            else:
                gone.append((sheet.id, language))
    ProductTranslation.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["product", "language"],
        update_fields=["title", "description", "seo"],
    )
    if gone:
        ids, languages = zip(*gone, strict=True)
        execute(_FORGET, [list(ids), list(languages)])


def _differing(before: Flat, now: Flat) -> dict[str, dict[str, Any]]:
    """By language, all its words, where any of them differs."""
    old, new = ({n: v for n, v in flat.items() if n.startswith(FAMILIES)} for flat in (before, now))
    languages = {name.partition(".")[2] for name in (*old, *new) if old.get(name) != new.get(name)}
    return {
        language: {family: new.get(f"{family}{language}", "") for family in FAMILIES} for language in sorted(languages)
    }


def _row(sheet: Sheet, language: str, words: dict[str, Any]) -> ProductTranslation:
    title, description, seo_title, seo_description = (words[family] for family in FAMILIES)
    seo = {"title": seo_title, "description": seo_description}
    return ProductTranslation(
        product_id=sheet.id,
        language=language,
        title=title,
        description=description,
        seo={name: text for name, text in seo.items() if text},
    )


_FORGET = """
    DELETE FROM catalog_producttranslation
    WHERE (product_id, language) IN (SELECT * FROM unnest(%s::uuid[], %s::text[]))
"""
