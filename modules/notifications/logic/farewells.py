"""The last mail about an account: that it is erased (docs/decisions/0030-account-erased.md).

It names nobody, and its address is fetched from users when it is sent: nothing personal is written here. Then it is
forgotten at both ends; what is not sent until users closes the erasure (close_erased) is not sent any more.
"""

from contextlib import suppress
from copy import copy

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.steps import Run, add_steps, step
from modules.notifications.logic import erasure, handover, letters
from modules.notifications.logic.channels.letterbox import NotWantedAnyMore
from modules.notifications.models import Message
from modules.users import service as users_service
from modules.users.contracts import FarewellOver
from modules.users.events import UserErased

# Stands in the row where an address does in others.
ADDRESS = "[address]"


def write_farewell(event: UserErased) -> None:
    """Once per account, however often its erasure is announced."""
    message, _ = Message.objects.get_or_create(
        topic=Message.Topic.ACCOUNT_ERASED,
        reference_id=event.user_id,
        recipient=Message.Recipient.OWNER,
        channel=Message.Channel.MAIL,
        defaults={"customer_id": event.user_id, "created_at": clock.now()},
    )
    add_steps(message.id, [complete_farewell])


@step
def complete_farewell(run: Run) -> None:
    """Ask users whether there is somebody to tell, and in which language; hand the mail to the worker."""
    message = Message.objects.get(pk=run.aggregate_id)
    changes = None
    try:
        farewell = users_service.get_farewell(user_id=message.reference_id)
    except FarewellOver:
        pass
    else:
        changes = handover.ready(letters.about_erasure(farewell.language), ADDRESS)
    handover.complete(run, message, changes)


def addressed(message: Message) -> Message:
    """The mail with its address; refuses with NotWantedAnyMore once that is forgotten."""
    try:
        farewell = users_service.get_farewell(user_id=message.reference_id)
    except FarewellOver as refusal:
        raise NotWantedAnyMore from refusal
    sent = copy(message)
    sent.address = farewell.email
    return sent


def names_nobody(message: Message) -> bool:
    """Whether nothing may be kept that could name the recipient: a provider's words may quote the address."""
    return message.topic == Message.Topic.ACCOUNT_ERASED


def forget(message: Message) -> None:
    """After it was sent: forget it here, and its address there. Repeating is safe; other messages are let be.

    Where users does not answer, closing the erasure forgets the address.
    """
    if not names_nobody(message):
        return
    with atomic(Message):
        erasure.forget_message(message.pk)
    with suppress(ServiceError):
        users_service.forget_farewell(user_id=message.reference_id)
