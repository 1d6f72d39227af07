"""What staff send to make or change a category."""

import re
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    CharField,
    IntegerField,
    SlugField,
    StrictSerializer,
    UUIDField,
    ValidationError,
)
from modules.catalog.api.translations import TranslationsField

# A path of this shop, or a whole address; nothing that a browser would run.
ADDRESS = re.compile(r"(https?://[^\s/]|/(?!/))\S*", re.ASCII)
PLACES = ("position", "parent_id")


class SearchWordsInput(StrictSerializer):
    title = CharField(max_length=200, allow_blank=True, required=False)
    description = CharField(max_length=500, allow_blank=True, required=False)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: words for name, words in values.items() if words}


class CategoryWordsInput(StrictSerializer):
    name = CharField(max_length=120, allow_blank=True, required=False)
    description = CharField(max_length=10_000, allow_blank=True, required=False)
    seo = SearchWordsInput(required=False)


class CategoryChange(StrictSerializer):
    name = CharField(max_length=120, required=False)
    slug = SlugField(max_length=120, required=False, help_text="The old one leads to it from now on.")
    parent_id = UUIDField(required=False, allow_null=True, help_text="null: it stands at the top.")
    description = CharField(max_length=10_000, required=False, allow_blank=True)
    position = IntegerField(required=False, min_value=0, help_text="Siblings come in this order, then by name.")
    before = UUIDField(required=False, help_text="Puts it before this category, below the same parent; others move up.")
    after = UUIDField(required=False, help_text="Puts it after this category, below the same parent; others move up.")
    image = CharField(
        max_length=500, required=False, allow_null=True, help_text="An http(s) address, or a path of this shop."
    )
    seo = SearchWordsInput(required=False, help_text="For search engines; replaces what there is.")
    translations = TranslationsField(child=CategoryWordsInput(allow_null=True))

    def validate_image(self, image: str | None) -> str:
        if image and not ADDRESS.fullmatch(image):
            raise ValidationError("Give an http(s) address, or a path of this shop.")
        return image or ""

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        beside = [name for name in ("before", "after") if name in values]
        if len(beside) > 1 or (beside and any(name in values for name in PLACES)):
            raise ValidationError({beside[0]: "Give before or after alone: the place follows from it."})
        return values


@extend_schema_serializer(
    examples=[
        OpenApiExample("At the top", {"name": "Shoes"}),
        OpenApiExample(
            "In two languages",
            {
                "name": "Boots",
                "parent_id": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10",
                "description": "For every weather.",
                "translations": {"de": {"name": "Stiefel", "description": "Für jedes Wetter."}},
            },
        ),
    ]
)
class CategoryInput(CategoryChange):
    name = CharField(max_length=120)
    slug = SlugField(max_length=120, required=False, help_text="Made of the name when left out.")
