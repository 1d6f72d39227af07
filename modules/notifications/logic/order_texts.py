"""The SMS that tell a customer where an order is: for who has an account with a number, and has asked for them."""

from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.steps import Run, add_steps, step
from modules.notifications.logic import handover, preferences, quiet_hours, stopped_numbers, texts
from modules.notifications.logic.channels import sms, twilio
from modules.notifications.logic.channels.letterbox import NotSent, NotWantedAnyMore, Receipt
from modules.notifications.logic.channels.segments import measure
from modules.notifications.logic.order_letters import order_of
from modules.notifications.models import Message
from modules.orders.events import OrderDelivered, OrderShipped

Topic = Message.Topic


def write_shipped(event: OrderShipped) -> None:
    """Once per parcel."""
    _write(Topic.ORDER_SHIPPED, event, about=event.shipment_id)


def write_delivered(event: OrderDelivered) -> None:
    """Once per order, when all of it has arrived."""
    _write(Topic.ORDER_DELIVERED, event, about=event.order_id)


@step
def complete_order_text(run: Run) -> None:
    """Ask orders what there is to tell and users for the number, keep the text, and hand it to the worker."""
    message = Message.objects.get(pk=run.aggregate_id)
    number = preferences.mobile_number_of(message.customer_id) if message.customer_id else ""
    handover.complete(run, message, _text(message, number) if number else None)


def send(message: Message) -> Receipt:
    """Send one, if its reader still wants it; raises NotSent and NotWantedAnyMore."""
    _require_wanted(message)
    try:
        return sms.send(message)
    except NotSent as refusal:
        if refusal.code != twilio.UNSUBSCRIBED:
            raise
        stopped_numbers.stop(message.address)
        raise NotWantedAnyMore(refusal.code) from refusal


def _write(topic: str, event: OrderShipped | OrderDelivered, *, about: UUID) -> None:
    """In the event's transaction, and asking nobody: the text comes later, by a step."""
    wanted = event.customer_id is not None and preferences.is_turned_on(event.customer_id, topic, Message.Channel.SMS)
    if not wanted or not twilio.is_configured():
        return
    message, _ = Message.objects.get_or_create(
        topic=topic,
        reference_id=about,
        recipient=Message.Recipient.OWNER,
        channel=Message.Channel.SMS,
        defaults={"order_id": event.order_id, "customer_id": event.customer_id, "created_at": clock.now()},
    )
    add_steps(message.id, [complete_order_text])


def _require_wanted(message: Message) -> None:
    """Consent and number are looked up again: who has another number by now is not told at the old one."""
    owner_id = message.customer_id
    if owner_id is None or not preferences.is_turned_on(owner_id, message.topic, message.channel):
        raise NotWantedAnyMore
    stopped_numbers.require_not_stopped(message.address)
    if preferences.mobile_number_of(owner_id) != message.address:
        raise NotWantedAnyMore("other_number")


def _text(message: Message, number: str) -> dict[str, object]:
    now = clock.now()
    letter = texts.about_order(message, order_of(message))
    later = quiet_hours.ends_at(number, now) - now
    return handover.ready(letter, number, later=later or None) | {"segments": measure(letter.text).segments}
