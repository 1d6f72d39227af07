"""Machines' keys."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    CharField,
    IntegerField,
    StrictSerializer,
    UUIDField,
)
from modules.users.api.serializers.roles import ScopesField


@extend_schema_serializer(
    examples=[OpenApiExample("A key", {"name": "Warehouse scanner", "scopes": ["catalog.write"]})]
)
class ApiKeyInput(StrictSerializer):
    name = CharField(max_length=100)
    scopes = ScopesField()
    expires_at = AwareDateTimeField(required=False, allow_null=True)


class ApiKey(StrictSerializer):
    id = UUIDField()
    name = CharField()
    prefix = CharField(help_text="What the key begins with, after shop_")
    scopes = ScopesField()
    created_by = UUIDField(source="created_by_id")
    created_at = AwareDateTimeField()
    expires_at = AwareDateTimeField(allow_null=True)
    revoked_at = AwareDateTimeField(allow_null=True)
    last_used_at = AwareDateTimeField(allow_null=True, help_text="To the minute")


class NewApiKey(ApiKey):
    key = CharField(help_text="Shown this once")


@extend_schema_serializer(
    examples=[
        OpenApiExample("A key", {"key": "shop_3f9a1c5e7b20_dGhpcyBpcyBub3QgYSBzZWNyZXQgb2Ygb3Vycy4"}, request_only=True)
    ]
)
class ApiKeyTokenInput(StrictSerializer):
    key = CharField(max_length=200, write_only=True)


class AccessToken(StrictSerializer):
    access = CharField()
    expires_in = IntegerField(help_text="Seconds until the access token expires; nothing refreshes it")
