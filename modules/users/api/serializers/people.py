"""Accounts as staff see them."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from ecommerce.kernel.rest.serializers import BooleanField, CharField, StrictSerializer, UUIDField
from modules.users.api.serializers.accounts import User


class PersonFilter(StrictSerializer):
    email = CharField(max_length=254, required=False, help_text="The beginning of an address, in any case.")


class PersonRole(StrictSerializer):
    id = UUIDField(source="role.id")
    name = CharField(source="role.name")


class Person(User):
    is_superuser = BooleanField(help_text="Owns the shop: every scope, whatever the roles")
    is_active = BooleanField(help_text="False: locked by staff")
    roles = PersonRole(many=True, source="role_assignments.all")


@extend_schema_serializer(
    examples=[OpenApiExample("Why", {"reason": "The cart is stuck, she asked us to look"}, request_only=True)]
)
class ImpersonationInput(StrictSerializer):
    reason = CharField(max_length=500, help_text="Kept on record")
