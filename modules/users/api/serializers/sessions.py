"""Credentials and tokens."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    EmailField,
    IntegerField,
    StrictSerializer,
    UUIDField,
)
from modules.users.api.serializers.passwords import PasswordField
from modules.users.api.serializers.second_factor import CodeField


@extend_schema_serializer(
    examples=[OpenApiExample("Sign in", {"email": "customer@example.com", "password": "customer-demo-password"})]
)
class CredentialsInput(StrictSerializer):
    email = EmailField()
    password = PasswordField()
    code = CodeField(required=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "The present one",
            {"refresh": "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIwMTkzNmQ2ZSJ9.c2lnbmF0dXJl"},
            request_only=True,
        )
    ]
)
class RefreshInput(StrictSerializer):
    refresh = CharField(max_length=2048, write_only=True)


class TokenPair(StrictSerializer):
    access = CharField()
    refresh = CharField()
    expires_in = IntegerField(help_text="Seconds until the access token expires")


class Session(StrictSerializer):
    id = UUIDField()
    created_at = AwareDateTimeField()
    last_used_at = AwareDateTimeField(source="issued_at")
    network = CharField(help_text="The address it was begun from")
    user_agent = CharField()
    is_current = BooleanField()
