"""Words in the shop's other languages, as staff send them."""

from typing import Any

from rest_framework.serializers import DictField, ErrorDetail

from ecommerce.kernel.rest.serializers import StrictSerializer, ValidationError
from modules.catalog.api.languages import other_languages

REPLACES = "Replaces the words in the given languages, and leaves the others'; null takes a language's away."


class TranslationsField(DictField):
    """Something for each of some languages, by their codes; for the shop's languages, without its own."""

    def __init__(self, child: StrictSerializer) -> None:
        super().__init__(child=child, required=False, help_text=REPLACES)

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        spoken = other_languages()
        unknown = ErrorDetail(f"Give words in {', '.join(spoken) or 'no other language'}.", "unknown_language")
        if errors := {language: [unknown] for language in values if language not in spoken}:
            raise ValidationError(errors)
        return values
