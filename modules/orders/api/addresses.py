"""Where a buyer is, in the body of a request: addresses and VAT identification numbers."""

from typing import Any

from rest_framework.serializers import ErrorDetail

from ecommerce.kernel.postal import problems_of
from ecommerce.kernel.rest.serializers import CharField, CountryField, StrictSerializer, ValidationError
from ecommerce.kernel.vat_ids import read_vat_id

WORDS = {
    "required": "Addresses of this country need it.",
    "invalid": "This is not valid in that country.",
}


class AddressSerializer(StrictSerializer):
    full_name = CharField(max_length=200)
    company = CharField(max_length=200, required=False, allow_blank=True)
    line1 = CharField(max_length=200)
    line2 = CharField(max_length=200, required=False, allow_blank=True)
    city = CharField(max_length=100)
    region = CharField(max_length=100, required=False, allow_blank=True)
    postal_code = CharField(max_length=20, allow_blank=True)
    country = CountryField()
    phone = CharField(max_length=40, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _refuse(problems_of(attrs))
        return attrs


class DestinationSerializer(StrictSerializer):
    country = CountryField()
    region = CharField(max_length=100, required=False, allow_blank=True)
    postal_code = CharField(max_length=20, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _refuse(problems_of(attrs) if attrs.get("postal_code") else {})
        return attrs


class VatIdField(CharField):
    """A VAT identification number with its country's letters, in any spelling; the value is the number as it is
    written officially."""

    default_error_messages = {
        "invalid": "This is no VAT identification number: write it with its country, DE136695976."
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=30, allow_blank=True, **options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        found = read_vat_id(text)
        if text and found is None:
            self.fail("invalid")
        return found.number if found else ""


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        raise ValidationError({name: [ErrorDetail(WORDS[code], code)] for name, code in problems.items()})
