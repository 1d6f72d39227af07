"""Messages to test with, and an order for them to be about."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from factory.declarations import LazyFunction, SelfAttribute
from factory.django import DjangoModelFactory

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.events import Announcement, handling
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.notifications.logic.webhooks import events as webhooks
from modules.notifications.models import Message
from modules.orders.contracts import Order, OrderLine, OrderStatus, PaymentState, Shipment
from modules.orders.events import OrderConfirmed
from modules.users.contracts import Contact


class MessageFactory(DjangoModelFactory[Message]):
    """A confirmation that is ready to be sent."""

    class Meta:
        model = Message

    topic = Message.Topic.ORDER_CONFIRMED
    reference_id = LazyFunction(new_id)
    order_id = SelfAttribute("reference_id")
    recipient = Message.Recipient.BUYER
    channel = Message.Channel.MAIL
    status = Message.Status.READY
    language = "en"
    address = "ada@example.com"
    subject = "Your order 1001 is confirmed"
    text = "Thank you for order 1001.\n"
    html = "<p>Thank you for order 1001.</p>\n"
    next_attempt_at = LazyFunction(clock.now)
    created_at = LazyFunction(clock.now)


def a_contact(user_id: UUID, **changes: Any) -> Contact:
    """Ada, who accepts marketing."""
    ada = Contact(
        user_id=user_id,
        email="ada@example.com",
        email_verified=True,
        first_name="Ada",
        last_name="Lovelace",
        language="en",
        accepts_marketing=True,
    )
    return replace(ada, **changes)


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def a_parcel(**changes: Any) -> Shipment:
    """One of the lamps, with a carrier that shows where it is."""
    parcel = Shipment(
        id=new_id(),
        carrier="DHL",
        tracking_number="00340434",
        tracking_url="https://carrier.example/?n=00340434",
        items={"LAMP-1": 1},
        shipped_at=clock.now(),
        delivered_at=None,
    )
    return replace(parcel, **changes)


def an_order(order_id: UUID | None = None, **changes: Any) -> Order:
    """Two lamps and a poster for Ada in Berlin: 1,239.90 with shipping and tax, less five euros."""
    order = Order(
        id=order_id or new_id(),
        number="1001",
        status=OrderStatus.CONFIRMED,
        payment_status=PaymentState.PAID,
        customer_id=None,
        email="ada@example.com",
        language="en",
        stock_reference=new_id(),
        open_edits=[],
        lines=[
            OrderLine(
                variant_id=new_id(),
                sku="LAMP-1",
                title="Lamp <small>",
                options={"Colour": "Green", "Size": "M"},
                quantity=2,
                unit_price=eur(61000),
                total=eur(122000),
            ),
            OrderLine(
                variant_id=new_id(),
                sku="POSTER",
                title="Poster",
                options={},
                quantity=1,
                unit_price=eur(2000),
                total=eur(2000),
            ),
        ],
        subtotal=eur(124000),
        discount_total=eur(500),
        shipping_total=eur(490),
        tax_total=eur(19796),
        total=eur(123990),
        set_off=Money.zero("EUR"),
        shipping_address={
            "full_name": "Ada Lovelace",
            "line1": "Unter den Linden 1",
            "postal_code": "10117",
            "city": "Berlin",
            "country": "DE",
        },
        shipping_method="standard",
        placed_at=clock.now(),
        link="https://shop.example/orders/1001?token=secret-token",
    )
    return replace(order, **changes)


def a_confirmation(order_id: UUID | None = None) -> OrderConfirmed:
    """Ada's order of 1,239.90 is paid for."""
    return OrderConfirmed(order_id=order_id or new_id(), number="1001", customer_id=None, total=eur(123990))


def told(event: object, *, position: int = 1, event_id: UUID | None = None) -> Announcement:
    """Let webhooks hear of an event, as the relay does."""
    announcement = Announcement(event_id=event_id or new_id(), position=position)
    with atomic(Message), handling(announcement):
        webhooks.forward(event)
    return announcement
