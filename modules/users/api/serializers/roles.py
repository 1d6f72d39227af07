"""Roles and who has them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    CharField,
    ChoiceField,
    IntegerField,
    ListField,
    StrictSerializer,
    UUIDField,
)
from modules.users.contracts import Scope

SCOPES = [scope.value for scope in Scope]
# Nobody has more; a longer list is a mistake.
MAX_ROLES = 50


class ScopesField(ListField):
    """At least one of the shop's scopes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=ChoiceField(choices=SCOPES), min_length=1, max_length=len(SCOPES), **kwargs)


@extend_schema_serializer(
    examples=[OpenApiExample("A role", {"name": "Packer", "scopes": ["orders.read", "orders.write"]})]
)
class RoleInput(StrictSerializer):
    name = CharField(max_length=100)
    scopes = ScopesField()
    description = CharField(max_length=500, required=False, allow_blank=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "One scope more", {"scopes": ["orders.read", "orders.refund", "orders.write"]}, request_only=True
        )
    ]
)
class RoleChange(StrictSerializer):
    name = CharField(max_length=100, required=False)
    scopes = ScopesField(required=False)
    description = CharField(max_length=500, required=False, allow_blank=True)


class Role(StrictSerializer):
    id = UUIDField()
    name = CharField()
    scopes = ScopesField()
    description = CharField()
    version = IntegerField()
    created_at = AwareDateTimeField()


@extend_schema_serializer(
    examples=[OpenApiExample("One role", {"role_ids": ["01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10"]}, request_only=True)]
)
class RolesOfPerson(StrictSerializer):
    role_ids = ListField(child=UUIDField(), max_length=MAX_ROLES)


class RoleList(StrictSerializer):
    results = Role(many=True)
