"""The mails that tell a buyer what becomes of an order and its payment."""

from datetime import timedelta
from uuid import UUID, uuid5

from ecommerce.kernel import clock
from ecommerce.kernel.errors import NotFound
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.notifications.logic import handover, letters
from modules.notifications.logic.channels.letterbox import NotWantedAnyMore
from modules.notifications.models import Message
from modules.orders import service as orders_service
from modules.orders.contracts import Order, OrderStatus, PaymentState
from modules.orders.events import (
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderEditOffered,
    OrderShipped,
    ReturnReceived,
    ReturnRejected,
)
from modules.payments.events import PaymentFailed, PaymentRefunded

Topic = Message.Topic

# Who was declined is still at the checkout, most often, and tries again: he is written to if he has gone. Orders may be
# paid for PAYABLE_MINUTES (30 by default).
PATIENCE = timedelta(minutes=10)
# What has been written a while ago when it is sent.
HELD_BACK = (Topic.PAYMENT_FAILED, Topic.REVIEW_REQUEST)
# The purpose of the payment that an order waits for; an edit's payment is asked for by the offer of the edit.
ORDER_PAYMENT = "order"


class OrderMissing(NotFound):
    """Orders announced an order that it does not answer for."""

    code = "order_missing"


def write_confirmed(event: OrderConfirmed) -> None:
    """Once per order: what was bought, and what it costs."""
    _write(Topic.ORDER_CONFIRMED, event.order_id, about=event.order_id)


def write_shipped(event: OrderShipped) -> None:
    """Once per parcel: what is in it, and where it is seen travelling."""
    _write(Topic.ORDER_SHIPPED, event.order_id, about=event.shipment_id)


def write_delivered(event: OrderDelivered) -> None:
    """Once per order, when all of it has arrived."""
    _write(Topic.ORDER_DELIVERED, event.order_id, about=event.order_id)


def write_cancelled(event: OrderCancelled) -> None:
    """Once per order."""
    _write(Topic.ORDER_CANCELLED, event.order_id, about=event.order_id)


def write_edit_offered(event: OrderEditOffered) -> None:
    """Once per change of an order that is to be paid before it takes effect."""
    _write(Topic.ORDER_EDIT_OFFERED, event.order_id, about=event.edit_id, amount=event.due)


def write_payment_failed(event: PaymentFailed) -> None:
    """Once per order, however often it is declined; not sent if the order is paid or gone by then."""
    if event.purpose == ORDER_PAYMENT:
        _write(Topic.PAYMENT_FAILED, event.order_id, about=event.payment_id)


def write_refunded(event: PaymentRefunded) -> None:
    """Once per refund, those made at the provider included; it tells what has gone back in all."""
    refund_id = event.reference or uuid5(event.payment_id, str(event.refunded.minor))
    _write(Topic.PAYMENT_REFUNDED, event.order_id, about=refund_id, amount=event.refunded)


def write_return_received(event: ReturnReceived) -> None:
    """Once per return."""
    _write(Topic.RETURN_RECEIVED, event.order_id, about=event.return_id)


def write_return_rejected(event: ReturnRejected) -> None:
    """Once per return."""
    _write(Topic.RETURN_REJECTED, event.order_id, about=event.return_id)


@step
def complete_order_letter(run: Run, *, amount: Money | None = None) -> None:
    """Ask orders what there is to tell and to whom, keep the text that will be sent, and hand it to the worker."""
    message = Message.objects.get(pk=run.aggregate_id)
    order = order_of(message)
    wanted = bool(order.email) and _is_wanted(message, order)
    changes = _text(message, order, amount) if wanted else None
    handover.complete(run, message, changes, customer_id=order.customer_id)


def require_wanted(message: Message) -> None:
    """Before one that was held back is sent: refuses what is no news by now with NotWantedAnyMore."""
    if message.topic in HELD_BACK and not _is_wanted(message, order_of(message)):
        raise NotWantedAnyMore


def _write(topic: str, order_id: UUID, *, about: UUID, amount: Money | None = None) -> None:
    """In the event's transaction, and asking nobody: the text comes later, by a step."""
    message, _ = Message.objects.get_or_create(
        topic=topic,
        reference_id=about,
        recipient=Message.Recipient.BUYER,
        channel=Message.Channel.MAIL,
        defaults={"order_id": order_id, "created_at": clock.now()},
    )
    add_steps(message.id, [NewStep(complete_order_letter, {"amount": amount})])


def order_of(message: Message) -> Order:
    """The order that a message is about; raises OrderMissing."""
    assert message.order_id is not None  # noqa: S101  (these are about an order)
    orders = orders_service.get_orders(ids=[message.order_id])
    if not orders:
        raise OrderMissing(str(message.order_id))
    return orders[0]


def _is_wanted(message: Message, order: Order) -> bool:
    if message.topic == Topic.PAYMENT_FAILED:
        return order.status == OrderStatus.PENDING
    if message.topic == Topic.REVIEW_REQUEST:
        # Who has sent it all back has said what he thinks of it.
        return order.payment_status != PaymentState.REFUNDED
    if message.topic == Topic.ORDER_EDIT_OFFERED:
        return message.reference_id in order.open_edits
    return True


def _text(message: Message, order: Order, amount: Money | None) -> dict[str, object]:
    letter = letters.about_order(message.topic, order, message.reference_id, amount)
    return handover.ready(letter, order.email, later=PATIENCE if message.topic == Topic.PAYMENT_FAILED else None)
