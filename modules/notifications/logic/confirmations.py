"""The mail that tells a buyer that the order is confirmed."""

from ecommerce.kernel import clock
from ecommerce.kernel.steps import Run, add_steps, step
from modules.notifications.logic import handover, letters
from modules.notifications.models import Message
from modules.orders import service as orders_service
from modules.orders.contracts import Order
from modules.orders.events import OrderConfirmed


class OrderMissing(Exception):
    """Orders announced an order that it does not answer for."""


def write_confirmation(event: OrderConfirmed) -> None:
    """Write the message, still without its text; an order confirmed twice is one message."""
    message, _ = Message.objects.get_or_create(
        topic=Message.Topic.ORDER_CONFIRMED,
        reference_id=event.order_id,
        recipient=Message.Recipient.BUYER,
        channel=Message.Channel.MAIL,
        defaults={"customer_id": event.customer_id, "created_at": clock.now()},
    )
    add_steps(message.id, [complete_confirmation])


@step
def complete_confirmation(run: Run) -> None:
    """Ask orders what was bought and by whom, keep the text that will be sent, and hand it to the worker."""
    message = Message.objects.get(pk=run.aggregate_id)
    order = _order(message)
    changes = _text(order) if order.email else {"status": Message.Status.SKIPPED}
    with run.done(Message):
        completed = Message.objects.filter(pk=message.pk, status=Message.Status.DRAFT).update(**changes)
    if completed and order.email:
        handover.hand_over([message.pk])


def _order(message: Message) -> Order:
    orders = orders_service.get_orders(ids=[message.reference_id])
    if not orders:
        raise OrderMissing(str(message.reference_id))
    return orders[0]


def _text(order: Order) -> dict[str, object]:
    letter = letters.order_confirmed(order)
    return {
        "status": Message.Status.READY,
        "language": letter.language,
        "address": order.email,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "next_attempt_at": clock.now(),
        "handed_until": clock.now() + handover.IN_BROKERS_HANDS,
    }
