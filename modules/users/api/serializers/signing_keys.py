"""The public keys."""

from ecommerce.kernel.rest.serializers import (
    DictField,
    ListField,
    StrictSerializer,
)


class JWKSet(StrictSerializer):
    keys = ListField(child=DictField())
