"""Signing in with an account elsewhere."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    CharField,
    StrictSerializer,
    UUIDField,
)

# Providers' codes are opaque; some are long.
MAX_CODE = 4096
MAX_SECRET = 64
CAME_BACK = {"code": "SplxlOBeZQQYbYS6WxSbIA", "state": "af0ifjsldkj2hq7r", "binding": "Jx3mK0s9tQ2vB7yL"}


class Provider(StrictSerializer):
    id = CharField()
    title = CharField()


@extend_schema_serializer(
    examples=[OpenApiExample("Begin", {"redirect_uri": "https://shop.example/signed-in"}, request_only=True)]
)
class StartInput(StrictSerializer):
    redirect_uri = CharField(max_length=255, trim_whitespace=False)


class Started(StrictSerializer):
    authorization_url = CharField(help_text="Where to send the browser")
    state = CharField(help_text="Comes back with the code; compare it")
    binding = CharField(help_text="Keep it in the browser, for `finish`; it is in no address")


@extend_schema_serializer(examples=[OpenApiExample("As it came back", CAME_BACK, request_only=True)])
class FinishInput(StrictSerializer):
    code = CharField(max_length=MAX_CODE, trim_whitespace=False, write_only=True)
    state = CharField(max_length=MAX_SECRET, write_only=True)
    binding = CharField(max_length=MAX_SECRET, write_only=True)


@extend_schema_serializer(
    examples=[OpenApiExample("As it came back", CAME_BACK | {"provider": "home"}, request_only=True)]
)
class LinkInput(FinishInput):
    provider = CharField(max_length=32)


class Identity(StrictSerializer):
    id = UUIDField()
    provider = CharField()
    created_at = AwareDateTimeField()
