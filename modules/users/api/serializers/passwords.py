"""Passwords in a request, and links to choose one."""

from ecommerce.kernel.rest.serializers import CharField, EmailField, StrictSerializer

# Nobody types more, and hashing more costs more.
MAX_PASSWORD = 256
MAX_TOKEN = 200


class PasswordField(CharField):
    """A password, taken as it was typed: spaces belong to it."""

    def __init__(self) -> None:
        super().__init__(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True)


class LinkTokenField(CharField):
    """The token of a mailed link."""

    def __init__(self) -> None:
        super().__init__(max_length=MAX_TOKEN, write_only=True)


class MailedLinkInput(StrictSerializer):
    email = EmailField()


class VerificationInput(StrictSerializer):
    token = LinkTokenField()


class PasswordResetInput(StrictSerializer):
    token = LinkTokenField()
    new_password = PasswordField()


class PasswordChangeInput(StrictSerializer):
    current_password = PasswordField()
    new_password = PasswordField()
