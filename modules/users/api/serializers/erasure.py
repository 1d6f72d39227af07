"""Erasing an account."""

from ecommerce.kernel.rest.serializers import StrictSerializer
from modules.users.api.serializers.passwords import PasswordField


class ErasureInput(StrictSerializer):
    password = PasswordField()
