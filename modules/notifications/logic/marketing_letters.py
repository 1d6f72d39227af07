"""Mails that somebody may do without: only for who accepts marketing, and has not turned them off."""

from uuid import UUID, uuid5

from ecommerce.kernel import clock
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.cart import service as cart_service
from modules.cart.contracts import CartLine, CartNotFound
from modules.cart.events import CartAbandoned
from modules.notifications.logic import handover, letters, preferences, unsubscribing
from modules.notifications.logic.channels.letterbox import NotWantedAnyMore
from modules.notifications.models import Message
from modules.users import service as users_service


def write_cart_reminder(event: CartAbandoned) -> None:
    """Once each time that a cart is left standing."""
    message, _ = Message.objects.get_or_create(
        topic=Message.Topic.CART_ABANDONED,
        reference_id=uuid5(event.cart_id, event.changed_at.isoformat()),
        recipient=Message.Recipient.OWNER,
        channel=Message.Channel.MAIL,
        defaults={"customer_id": event.user_id, "created_at": clock.now()},
    )
    add_steps(message.id, [NewStep(complete_cart_reminder, {"cart_id": event.cart_id, "user_id": event.user_id})])


@step
def complete_cart_reminder(run: Run, *, cart_id: UUID, user_id: UUID) -> None:
    """Ask whether the owner wants to hear of it, and what is in the cart; one that is ordered or empty is let be."""
    message = Message.objects.get(pk=run.aggregate_id)
    contacts = users_service.get_contacts(ids=[user_id])
    willing = any(contact.accepts_marketing for contact in contacts)
    wanted = willing and not preferences.is_turned_off(user_id, message.topic, message.channel)
    lines = _lines(cart_id, user_id) if wanted else []
    changes: dict[str, object] = {"status": Message.Status.SKIPPED}
    if lines:
        letter = letters.about_cart(contacts[0], lines, unsubscribing.link(message.pk))
        changes = handover.ready(letter, contacts[0].email)
    with run.done(Message):
        completed = Message.objects.filter(pk=message.pk, status=Message.Status.DRAFT).update(**changes)
    if completed and lines:
        handover.hand_over([message.pk])


def require_wanted(message: Message) -> None:
    """At the moment of sending: refuses what its reader does not want any more with NotWantedAnyMore."""
    if message.topic not in preferences.OPTIONAL:
        return
    # Who has no account has never consented.
    owner_id = message.customer_id
    if owner_id is None or preferences.is_turned_off(owner_id, message.topic, message.channel):
        raise NotWantedAnyMore
    if not preferences.accepts_marketing(owner_id):
        raise NotWantedAnyMore


def _lines(cart_id: UUID, owner_id: UUID) -> list[CartLine]:
    try:
        return cart_service.get_snapshot(cart_id=cart_id, caller_id=owner_id).lines
    except CartNotFound:
        return []
