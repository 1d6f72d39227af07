"""Passwords in a request."""

from ecommerce.kernel.rest.serializers import CharField

# Nobody types more, and hashing more costs more.
MAX_PASSWORD = 256


class PasswordField(CharField):
    """A password, taken as it was typed: spaces belong to it."""

    def __init__(self) -> None:
        super().__init__(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True)
