"""Mails that somebody may do without: only for who accepts marketing, and has not turned them off."""

from datetime import timedelta
from uuid import UUID, uuid5

from django.conf import settings

from ecommerce.kernel import clock
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.cart import service as cart_service
from modules.cart.contracts import CartLine, CartNotFound
from modules.cart.events import CartAbandoned
from modules.catalog import service as catalog_service
from modules.notifications.logic import handover, letters, preferences, unsubscribing
from modules.notifications.logic.channels.letterbox import NotWantedAnyMore
from modules.notifications.models import Message
from modules.orders import service as orders_service
from modules.orders.contracts import Order
from modules.orders.events import OrderDelivered
from modules.users import service as users_service
from modules.users.contracts import Contact


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


def write_review_request(event: OrderDelivered) -> None:
    """Once per order of a customer with an account, REVIEW_REQUEST_DAYS after it has arrived (0: never)."""
    if event.customer_id is None or not settings.REVIEW_REQUEST_DAYS:
        return
    message, _ = Message.objects.get_or_create(
        topic=Message.Topic.REVIEW_REQUEST,
        reference_id=event.order_id,
        recipient=Message.Recipient.OWNER,
        channel=Message.Channel.MAIL,
        defaults={"order_id": event.order_id, "customer_id": event.customer_id, "created_at": clock.now()},
    )
    add_steps(message.id, [complete_review_request])


@step
def complete_cart_reminder(run: Run, *, cart_id: UUID, user_id: UUID) -> None:
    """Ask whether the owner wants to hear of it, and what is in the cart; one that is ordered or empty is let be."""
    message = Message.objects.get(pk=run.aggregate_id)
    reader = _reader(message)
    lines = _lines(cart_id, user_id) if reader else []
    letter = letters.about_cart(reader, lines, unsubscribing.link(message.pk)) if reader and lines else None
    handover.complete(run, message, handover.ready(letter, reader.email) if reader and letter else None)


@step
def complete_review_request(run: Run) -> None:
    """Ask whether the customer wants to hear of it, and which of what he bought has a page still; hold it back then."""
    message = Message.objects.get(pk=run.aggregate_id)
    reader = _reader(message)
    order = _order(message) if reader else None
    products = _products(order) if order else {}
    if reader is None or order is None or not products:
        handover.complete(run, message, None)
        return
    letter = letters.about_reviews(reader, order, products, unsubscribing.link(message.pk))
    later = timedelta(days=settings.REVIEW_REQUEST_DAYS)
    handover.complete(run, message, handover.ready(letter, reader.email, later=later))


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


def _reader(message: Message) -> Contact | None:
    """Who is written to, if he wants to hear of it."""
    owner_id = message.customer_id
    if owner_id is None or preferences.is_turned_off(owner_id, message.topic, message.channel):
        return None
    return next((one for one in users_service.get_contacts(ids=[owner_id]) if one.accepts_marketing), None)


def _order(message: Message) -> Order | None:
    """The order that a request for reviews is about."""
    return next(iter(orders_service.get_orders(ids=[message.reference_id])), None)


def _products(order: Order) -> dict[UUID, UUID]:
    """The product of each variant that is still sold: others have no page on which to review them."""
    variant_ids = sorted({line.variant_id for line in order.lines})
    found = catalog_service.find_variants(currency=order.total.currency, ids=variant_ids)
    return {variant.id: variant.product_id for variant in found}


def _lines(cart_id: UUID, owner_id: UUID) -> list[CartLine]:
    try:
        return cart_service.get_snapshot(cart_id=cart_id, caller_id=owner_id).lines
    except CartNotFound:
        return []
