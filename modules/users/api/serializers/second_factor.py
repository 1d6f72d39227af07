"""The second factor and its codes."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    IntegerField,
    ListField,
    StrictSerializer,
)
from modules.users.api.serializers.passwords import PasswordField

# A recovery code has sixteen characters; people add spaces and dashes.
MAX_CODE = 64


class CodeField(CharField):
    """Six digits of an authenticator app, or a recovery code, however it is spaced."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_CODE, write_only=True, **kwargs)


class SecondFactor(StrictSerializer):
    enabled = BooleanField()
    enabled_at = AwareDateTimeField(allow_null=True)
    recovery_codes_left = IntegerField()


class SecondFactorOffer(StrictSerializer):
    secret = CharField(help_text="For typing it into an authenticator app (base32)")
    otpauth_url = CharField(help_text="The same for a QR code")


@extend_schema_serializer(examples=[OpenApiExample("A first code", {"code": "492039"})])
class CodeInput(StrictSerializer):
    code = CodeField()


@extend_schema_serializer(
    examples=[OpenApiExample("Both", {"password": "correct-horse-42", "code": "492039"}, request_only=True)]
)
class PasswordAndCodeInput(StrictSerializer):
    password = PasswordField()
    code = CodeField()


class RecoveryCodes(StrictSerializer):
    recovery_codes = ListField(child=CharField(), help_text="Shown this once")
