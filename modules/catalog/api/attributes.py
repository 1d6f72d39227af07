"""Attributes over HTTP: everybody may read what products are described by, staff write it."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.rest.etags import expected_versions, strong_etag
from ecommerce.kernel.rest.pages import page_answer, paginate
from ecommerce.kernel.rest.schema import PAGING_PARAMETERS, page_of
from ecommerce.kernel.rest.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    IntegerField,
    RegexField,
    StrictSerializer,
    ValidationError,
)
from modules.catalog.api.languages import in_language, language_of, other_languages
from modules.catalog.api.permissions import MayWrite, WrittenByStaff
from modules.catalog.logic import attributes
from modules.catalog.models import Attribute as AttributeRow

MAX_CHOICES = 500


class Choice(StrictSerializer):
    value = CharField(max_length=100)
    name = CharField(max_length=120, required=False, help_text="As shoppers read it; the value when left out.")
    hex = RegexField(r"^#[0-9a-f]{6}$", required=False, help_text="Of a colour: #c23b3b.")


class WordsOfAttribute(StrictSerializer):
    name = CharField(max_length=120, required=False)
    choices = serializers.DictField(child=CharField(max_length=120), required=False, help_text="Names by value.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A colour",
            {
                "code": "colour",
                "name": "Colour",
                "kind": "colour",
                "choices": [{"value": "red", "name": "Red", "hex": "#c23b3b"}],
                "translations": {"de": {"name": "Farbe", "choices": {"red": "Rot"}}},
            },
            request_only=True,
        ),
    ]
)
class AttributeChanges(StrictSerializer):
    name = CharField(max_length=120)
    unit = CharField(max_length=20, required=False, allow_blank=True, help_text="Of a number: kg, cm.")
    choices = Choice(many=True, required=False, help_text="Of a choice or a colour; none: any text will do.")
    translations = serializers.DictField(child=WordsOfAttribute(), required=False, help_text="By language.")
    is_filterable = BooleanField(required=False, help_text="Whether shoppers are offered it as a filter.")
    position = IntegerField(min_value=0, max_value=2**31 - 1, required=False)

    def validate_choices(self, choices: list[dict[str, str]]) -> list[dict[str, str]]:
        values = [choice["value"] for choice in choices]
        if len(values) > MAX_CHOICES:
            raise ValidationError(f"At most {MAX_CHOICES} choices.", "max_length")
        if len(set(values)) < len(values):
            raise ValidationError("Each value once.", "duplicate")
        return [dict(choice) for choice in choices]

    def validate_translations(self, translations: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(translations.keys() - set(other_languages())):
            raise ValidationError(f"The shop does not speak {', '.join(unknown)}.", "unknown_language")
        return {language: dict(words) for language, words in translations.items()}


class NewAttribute(AttributeChanges):
    code = RegexField(rf"^{attributes.CODE.pattern}$", help_text="a to z, 0 to 9, _ and -.")
    kind = ChoiceField(AttributeRow.Kind.values)


class AttributeChoice(StrictSerializer):
    value = CharField()
    name = CharField()
    hex = CharField(allow_null=True)


class Attribute(StrictSerializer):
    code = CharField()
    name = CharField()
    kind = ChoiceField(AttributeRow.Kind.values)
    unit = CharField()
    choices = AttributeChoice(many=True)
    is_filterable = BooleanField()
    position = IntegerField()
    version = IntegerField()


class Attributes(WrittenByStaff):
    operation_ids = {"post": "attribute_create"}
    problems = (409,)

    @extend_schema(parameters=PAGING_PARAMETERS, responses=page_of(Attribute))
    def get(self, request: Request) -> Response:
        """What products are described by, in the language asked for."""
        language = language_of(request)
        page = paginate(request, AttributeRow.objects.all(), ordering=("position", "code"))
        return in_language(page_answer(page, [_answer(row, language) for row in page.rows]), language)

    @extend_schema(request=NewAttribute, responses={201: Attribute})
    def post(self, request: Request) -> Response:
        """Define an attribute."""
        made = attributes.define_attribute(attributes.AttributeDraft(**NewAttribute.parse(request)))
        return _respond(request, made, status=201)


class OneAttribute(APIView):
    permission_classes = [MayWrite]
    operation_ids = {"patch": "attribute_update", "delete": "attribute_delete"}
    problems = (409, 412)

    @extend_schema(request=AttributeChanges, responses=Attribute)
    def patch(self, request: Request, code: str) -> Response:
        """Change how an attribute is named, offered and translated; its type stays."""
        changes = AttributeChanges.parse(request, partial=True)
        versions = expected_versions(request)
        return _respond(request, attributes.change_attribute(code=code, changes=changes, versions=versions))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, code: str) -> Response:
        """Forget an attribute that no product is described by."""
        attributes.delete_attribute(code=code)
        return Response(status=204)


def _respond(request: Request, row: AttributeRow, status: int = 200) -> Response:
    return Response(_answer(row, language_of(request)), status, headers={"ETag": strong_etag(row.version)})


def _answer(row: AttributeRow, language: str) -> dict[str, Any]:
    words = row.translations.get(language, {})
    names = words.get("choices", {})
    plain = {name: getattr(row, name) for name in ("code", "kind", "unit", "is_filterable", "position", "version")}
    choices = [
        {
            "value": choice["value"],
            "name": names.get(choice["value"]) or choice.get("name") or choice["value"],
            "hex": choice.get("hex"),
        }
        for choice in row.choices
    ]
    return plain | {"name": words.get("name") or row.name, "choices": choices}
