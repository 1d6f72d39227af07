"""Passwords in a request, and links to choose one."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import CharField, EmailField, StrictSerializer

# Nobody types more, and hashing more costs more.
MAX_PASSWORD = 256
MAX_TOKEN = 200
TOKEN = {"token": "AZNtblo8fD6aUg57O4-dEABpJ0yg.6b1yqv3s0kqkC5mJ3mS8cA"}


class PasswordField(CharField):
    """A password, taken as it was typed: spaces belong to it."""

    def __init__(self) -> None:
        super().__init__(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True)


class LinkTokenField(CharField):
    """The token of a mailed link."""

    def __init__(self) -> None:
        super().__init__(max_length=MAX_TOKEN, write_only=True)


@extend_schema_serializer(examples=[OpenApiExample("Whose address", {"email": "ann@example.com"}, request_only=True)])
class MailedLinkInput(StrictSerializer):
    email = EmailField()


@extend_schema_serializer(examples=[OpenApiExample("As in the link", TOKEN, request_only=True)])
class VerificationInput(StrictSerializer):
    token = LinkTokenField()


@extend_schema_serializer(
    examples=[OpenApiExample("As in the link", TOKEN | {"new_password": "battery-staple-43"}, request_only=True)]
)
class PasswordResetInput(StrictSerializer):
    token = LinkTokenField()
    new_password = PasswordField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Another one",
            {"current_password": "correct-horse-42", "new_password": "battery-staple-43"},
            request_only=True,
        )
    ]
)
class PasswordChangeInput(StrictSerializer):
    current_password = PasswordField()
    new_password = PasswordField()


@extend_schema_serializer(
    examples=[OpenApiExample("The present one", {"password": "correct-horse-42"}, request_only=True)]
)
class PasswordInput(StrictSerializer):
    password = PasswordField()
