"""Request bodies and answers by name: nothing unknown is taken, nothing is coerced."""

from collections.abc import Container, Mapping
from functools import cache
from typing import Any, Self

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.serializers import (
    DictField,
    ErrorDetail,
    ListField,
    SerializerMethodField,
    ValidationError,
)

from ecommerce.kernel.money import api_money
from ecommerce.kernel.rest.fields import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    ChoiceField,
    CountryField,
    EmailField,
    IntegerField,
    MoneyField,
    RegexField,
    SlugField,
    UUIDField,
)
from ecommerce.kernel.rest.renderers import MoneyStruct

__all__ = [
    "AwareDateTimeField",
    "BooleanField",
    "CharField",
    "ChoiceField",
    "CountryField",
    "DictField",
    "EmailField",
    "IntegerField",
    "ListField",
    "MoneyField",
    "MoneyStruct",
    "RegexField",
    "SerializerMethodField",
    "SlugField",
    "StrictSerializer",
    "UUIDField",
    "ValidationError",
    "api_money",
]


# Refuses unknown fields (read-only ones are unknown in a body), nested and in lists too. A comment, since a docstring
# would be inherited and describe every component of the OpenAPI document.
class StrictSerializer(serializers.Serializer[Any]):
    @classmethod
    def parse(cls, request: Request, *, partial: bool = False) -> dict[str, Any]:
        """The validated body, as keyword arguments; a ValidationError (400) names every field that will not do.

        A `partial` one may leave out any of its fields, but what it gives is whole: DRF's own `partial` reaches into
        objects and lists as well.
        """
        return cls._validated(request.data, partial=partial)

    @classmethod
    def parse_query(cls, request: Request, *, besides: Container[str] = ()) -> dict[str, Any]:
        """The same of the query parameters; those named in `besides` (limit, cursor) are read elsewhere."""
        given = {name: text for name, text in request.query_params.items() if name not in besides}
        return dict(cls._of_queries().run_validation(given))

    @classmethod
    def _validated(cls, data: Any, *, partial: bool = False) -> dict[str, Any]:
        serializer = cls(data=data)
        for field in serializer.fields.values() if partial else ():
            field.required, field.default = False, serializers.empty
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    @classmethod
    @cache
    def _of_queries(cls) -> Self:
        """One for all queries, which keeps nothing of what it validates: copying the fields for each takes longer than
        all else that is done with them."""
        return cls()

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**error.detail, **unknown}) from error  # type: ignore[dict-item]  # always a dict here
        if unknown:
            raise ValidationError(unknown)
        return value

    def _unknown(self, data: Any) -> dict[str, list[ErrorDetail]]:
        if not isinstance(data, Mapping):
            return {}
        known = {field.field_name for field in self._writable_fields}
        return {
            str(name): [ErrorDetail("There is no such field.", "unknown_field")] for name in data if name not in known
        }
