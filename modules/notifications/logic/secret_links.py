"""Links that open an account: fetched from users at the moment of sending, so that they lie in no table and no log."""

from copy import copy

from django.utils.html import escape

from ecommerce.kernel.errors import ServiceError
from modules.notifications.logic.account_letters import PURPOSES
from modules.notifications.logic.channels.letterbox import NotSent
from modules.notifications.logic.letters import LINK
from modules.notifications.models import Message
from modules.users import service as users_service
from modules.users.contracts import LinkNotWanted


class NotWantedAnyMore(Exception):
    """What the message is for has been done already, or its account is gone."""


def with_link(message: Message) -> Message:
    """The message as it is sent. Raises NotWantedAnyMore, and NotSent while users gives none."""
    purpose = PURPOSES.get(Message.Topic(message.topic))
    if purpose is None or message.customer_id is None:
        return message
    try:
        link = users_service.get_account_link(user_id=message.customer_id, purpose=purpose)
    except LinkNotWanted as refusal:
        raise NotWantedAnyMore from refusal
    except ServiceError as error:
        raise NotSent(code=error.code, permanent=False, detail=error.detail) from error
    sent = copy(message)
    # To the address that the account has now: a link never goes to one it had before.
    sent.address = link.email
    sent.text = message.text.replace(LINK, link.url)
    sent.html = message.html.replace(LINK, escape(link.url))
    return sent
