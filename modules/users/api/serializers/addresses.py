"""Addresses of a customer's book."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    BooleanField,
    CharField,
    CountryField,
    StrictSerializer,
    UUIDField,
)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "In Berlin",
            {
                "full_name": "Ann Lee",
                "line1": "Torstraße 1",
                "city": "Berlin",
                "postal_code": "10119",
                "country": "DE",
                "is_default_shipping": True,
            },
        )
    ]
)
class SavedAddressInput(StrictSerializer):
    full_name = CharField(max_length=200)
    company = CharField(max_length=200, required=False, allow_blank=True)
    line1 = CharField(max_length=200)
    line2 = CharField(max_length=200, required=False, allow_blank=True)
    city = CharField(max_length=100)
    region = CharField(max_length=100, required=False, allow_blank=True)
    postal_code = CharField(max_length=20, required=False, allow_blank=True)
    country = CountryField()
    phone = CharField(max_length=40, required=False, allow_blank=True)
    is_default_shipping = BooleanField(required=False)
    is_default_billing = BooleanField(required=False)


class SavedAddress(StrictSerializer):
    id = UUIDField()
    full_name = CharField()
    company = CharField()
    line1 = CharField()
    line2 = CharField()
    city = CharField()
    region = CharField()
    postal_code = CharField()
    country = CountryField()
    phone = CharField()
    is_default_shipping = BooleanField()
    is_default_billing = BooleanField()
