"""What only users knows, fetched from there at the moment of sending, so that it lies in no table and no log of ours:
links that open an account, and the address that an erased account had."""

from copy import copy

from django.utils.html import escape

from modules.notifications.logic import farewells
from modules.notifications.logic.account_letters import PURPOSES
from modules.notifications.logic.channels.letterbox import NotWantedAnyMore
from modules.notifications.logic.letters import LINK
from modules.notifications.models import Message
from modules.users import service as users_service
from modules.users.contracts import LinkNotWanted


def with_link(message: Message) -> Message:
    """The message as it is sent; refuses what needs no link any more with NotWantedAnyMore."""
    if message.topic == Message.Topic.ACCOUNT_ERASED:
        return farewells.addressed(message)
    purpose = PURPOSES.get(Message.Topic(message.topic))
    if purpose is None or message.customer_id is None:
        return message
    try:
        link = users_service.get_account_link(user_id=message.customer_id, purpose=purpose)
    except LinkNotWanted as refusal:
        raise NotWantedAnyMore from refusal
    sent = copy(message)
    # To the address that the account has now: a link never goes to one it had before.
    sent.address = link.email
    sent.text = message.text.replace(LINK, link.url)
    sent.html = message.html.replace(LINK, escape(link.url))
    return sent
