"""The link in a mail by which its reader hears of its topic no more, without signing in (RFC 8058)."""

from uuid import UUID

from django.conf import settings

from ecommerce.kernel import secrets
from ecommerce.kernel.errors import NotFound
from modules.notifications.logic import preferences
from modules.notifications.models import Message

PURPOSE = "unsubscribe"


class UnknownLink(NotFound):
    """This link is none of ours, or what it belongs to is no matter of choice."""


def link(message_id: UUID) -> str:
    """The address that mail programs and people call; it names the mail, and nobody else can make one."""
    return f"{settings.PUBLIC_URL}/api/v1/notifications/unsubscribe/{token_of(message_id)}/"


def token_of(message_id: UUID) -> str:
    """The mail's id and our signature."""
    return f"{message_id.hex}.{secrets.sign(PURPOSE, message_id.hex)}"


def find(token: str) -> Message:
    """The mail that a link belongs to; refuses others with UnknownLink."""
    return _find(token)[0]


def unsubscribe(token: str) -> Message:
    """Whoever got the mail of this link hears of its topic on its channel no more; repeating is safe.

    Refuses a link that is none of ours with UnknownLink.
    """
    message, reader_id = _find(token)
    preferences.turn_off(reader_id, message.topic, message.channel)
    return message


def _find(token: str) -> tuple[Message, UUID]:
    message_id, _, signature = token.partition(".")
    if not secrets.verify(signature, PURPOSE, message_id):
        raise UnknownLink
    message = Message.objects.filter(pk=UUID(message_id), topic__in=preferences.OPTIONAL).first()
    if message is None or message.customer_id is None:
        raise UnknownLink
    return message, message.customer_id
