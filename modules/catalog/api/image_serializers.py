"""Bodies and answers of pictures as staff handle them."""

import re
from typing import Any

import msgspec
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    CharField,
    ChoiceField,
    IntegerField,
    ListField,
    StrictSerializer,
    UUIDField,
)
from modules.catalog.api.serializers import Rendition
from modules.catalog.logic.image_lists import ImageFile
from modules.catalog.models import CategoryImage, SentImage

_DIGITS = re.compile(r"[0-9]{1,9}", re.ASCII)


def picture_file() -> serializers.FileField:
    """What a picture is sent in."""
    words = "JPEG, PNG or WebP; at most 50 megapixels, 10 MiB with the form."
    return serializers.FileField(allow_empty_file=True, max_length=200, help_text=words)


class FormIntegerField(IntegerField):
    """An integer where every value is text."""

    def to_internal_value(self, data: Any) -> int:
        return super().to_internal_value(int(data) if isinstance(data, str) and _DIGITS.fullmatch(data) else data)


class ImageChange(StrictSerializer):
    alt = CharField(
        max_length=500, required=False, allow_blank=True, help_text="For who does not see it; empty: it only decorates."
    )
    position = IntegerField(
        min_value=0, required=False, help_text="Its place among the product's pictures; the first is the card's."
    )
    variant_ids = ListField(
        child=UUIDField(), required=False, max_length=250, help_text="The variants it shows; all of them."
    )


class ImageInput(StrictSerializer):
    file = picture_file()
    alt = CharField(max_length=500, required=False, allow_blank=True, help_text="The product's title when left out.")
    position = FormIntegerField(min_value=0, required=False, help_text="Last when left out.")
    variant_ids = ListField(
        child=UUIDField(), required=False, max_length=250, help_text="The variants it shows, one field for each."
    )


class CategoryImageFile(StrictSerializer):
    id = UUIDField()
    state = ChoiceField(SentImage.State.values, help_text="ready: the category's `image` is this one.")
    failure = CharField(allow_null=True, help_text="As of a product's picture.")
    created_at = AwareDateTimeField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Its sizes are being made",
            {
                "id": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10",
                "state": "waiting",
                "failure": None,
                "alt": "A linen shirt from the front",
                "position": 0,
                "variant_ids": [],
                "small": None,
                "medium": None,
                "large": None,
                "created_at": "2026-01-31T12:00:00Z",
            },
        )
    ]
)
class ProductImageFile(StrictSerializer):
    id = UUIDField()
    state = ChoiceField(SentImage.State.values, help_text="waiting: the sizes are being made; shown once ready.")
    failure = CharField(
        allow_null=True, help_text="Why it failed: `broken_image`, `original_lost`, `server_error`. Send it again."
    )
    alt = CharField()
    position = IntegerField()
    variant_ids = ListField(child=UUIDField())
    small = Rendition(allow_null=True)
    medium = Rendition(allow_null=True)
    large = Rendition(allow_null=True)
    created_at = AwareDateTimeField()


class CategoryImageInput(StrictSerializer):
    file = picture_file()


class ProductImageFiles(StrictSerializer):
    results = ProductImageFile(many=True)


def image_answer(image: ImageFile) -> dict[str, Any]:
    """A picture for staff."""
    sizes = msgspec.structs.asdict(image.sizes) if image.sizes else {}
    facts = ("id", "state", "alt", "position", "variant_ids", "created_at")
    return {
        **{name: getattr(image, name) for name in facts},
        "failure": image.failure or None,
        **{name: sizes.get(name) for name in ("small", "medium", "large")},
    }


def category_image_answer(image: CategoryImage) -> dict[str, Any]:
    """A category's picture for staff."""
    facts = {name: getattr(image, name) for name in ("id", "state", "created_at")}
    return facts | {"failure": image.failure or None}
