"""What users' API takes and answers."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    DictField,
    EmailField,
    IntegerField,
    ListField,
    StrictSerializer,
    UUIDField,
)

# Nobody types more, and hashing more costs more.
MAX_PASSWORD = 256


class PasswordField(CharField):
    """A password, taken as it was typed: spaces belong to it."""

    def __init__(self) -> None:
        super().__init__(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True)


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


@extend_schema_serializer(
    examples=[OpenApiExample("Sign in", {"email": "customer@example.com", "password": "customer-demo-password"})]
)
class CredentialsInput(StrictSerializer):
    email = EmailField()
    password = PasswordField()


class RefreshInput(StrictSerializer):
    refresh = CharField(max_length=2048, write_only=True)


class TokenPair(StrictSerializer):
    access = CharField()
    refresh = CharField()
    expires_in = IntegerField(help_text="Seconds until the access token expires")


class JWKSet(StrictSerializer):
    keys = ListField(child=DictField())
