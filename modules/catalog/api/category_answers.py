"""Categories as staff see them: in their own words, with what only staff edit. The structs and their schema."""

from uuid import UUID

import msgspec
from rest_framework.serializers import DictField

from ecommerce.kernel.rest.serializers import CharField, IntegerField, StrictSerializer, UUIDField
from modules.catalog.api import answers, serializers
from modules.catalog.logic import shelves


class SearchWords(msgspec.Struct):
    title: str
    description: str


class Words(msgspec.Struct):
    name: str
    description: str
    seo: SearchWords


class CategorySheet(answers.Category, kw_only=True):
    parent_id: UUID | None
    position: int
    seo: SearchWords
    version: int
    translations: dict[str, Words]


class CategorySearchWords(StrictSerializer):
    title = CharField()
    description = CharField()


class CategoryWords(StrictSerializer):
    name = CharField()
    description = CharField()
    seo = CategorySearchWords()


class StaffCategory(serializers.Category):
    parent_id = UUIDField(allow_null=True)
    position = IntegerField()
    seo = CategorySearchWords()
    version = IntegerField()
    translations = DictField(child=CategoryWords(), help_text="By language; what is empty is shown in the own words.")


def sheet_answer(sheet: shelves.CategorySheet) -> CategorySheet:
    """A category for staff."""
    return CategorySheet(
        **msgspec.structs.asdict(answers.category_answer(sheet.page)),
        parent_id=sheet.parent_id,
        position=sheet.position,
        seo=_search_words(sheet.seo),
        version=sheet.version,
        translations={
            language: Words(words.name, words.description, _search_words(words.seo))
            for language, words in sheet.translations.items()
        },
    )


def _search_words(seo: dict[str, str]) -> SearchWords:
    return SearchWords(seo.get("title", ""), seo.get("description", ""))
