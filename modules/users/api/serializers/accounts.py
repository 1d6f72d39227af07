"""Accounts and profiles."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    EmailField,
    StrictSerializer,
    UUIDField,
)
from modules.users.api.serializers.passwords import PasswordField


@extend_schema_serializer(
    examples=[
        OpenApiExample("What is given changes", {"first_name": "Ann", "accepts_marketing": True}, request_only=True)
    ]
)
class ProfileInput(StrictSerializer):
    first_name = CharField(max_length=150, required=False, allow_blank=True)
    last_name = CharField(max_length=150, required=False, allow_blank=True)
    phone = CharField(max_length=32, required=False, allow_blank=True)
    accepts_marketing = BooleanField(required=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample("An account", {"email": "ann@example.com", "password": "correct-horse-42", "first_name": "Ann"})
    ]
)
class RegistrationInput(ProfileInput):
    email = EmailField()
    password = PasswordField()


class User(StrictSerializer):
    id = UUIDField()
    email = EmailField()
    email_verified = BooleanField()
    first_name = CharField()
    last_name = CharField()
    phone = CharField()
    accepts_marketing = BooleanField()
    is_staff = BooleanField()
    created_at = AwareDateTimeField()
