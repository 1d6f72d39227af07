"""The request to review what has arrived: to whom it goes and when, and to whom not."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from time_machine import Traveller

from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in
from modules.catalog.contracts import Variant
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic import deliveries, handover, preferences, unsubscribing
from modules.notifications.models import Message
from modules.notifications.tests.factories import a_contact, an_order
from modules.orders.contracts import Order, PaymentState
from modules.orders.events import OrderAnonymised, OrderDelivered
from modules.users.events import UserErased

pytestmark = pytest.mark.django_db(transaction=True)

ORDER, ADA, PRODUCT = new_id(), new_id(), new_id()


def the_order(**changes: Any) -> Order:
    return an_order(ORDER, customer_id=ADA, **changes)


def sold(order: Order, *skus: str) -> list[Variant]:
    """What catalog answers: these are still sold, all of one product."""
    return [
        Variant(
            id=line.variant_id,
            product_id=PRODUCT,
            sku=line.sku,
            title=line.title,
            price=None,
            tax_class="standard",
            weight_g=1,
            available=1,
        )
        for line in order.lines
        if line.sku in skus
    ]


@pytest.fixture
def world(settings: Any):
    """What users, orders and catalog answer; tests change it."""
    settings.STOREFRONT_URL = "https://shop.example"
    order = the_order()
    world = SimpleNamespace(contacts=[a_contact(ADA)], orders=[order], variants=sold(order, "LAMP-1", "POSTER"))

    def find_variants(currency: str, ids: Any, **_: Any) -> list[Variant]:
        found: list[Variant] = world.variants
        return found

    with (
        stand_in("users", get_contacts=lambda ids: world.contacts),
        stand_in("orders", get_orders=lambda ids: world.orders),
        stand_in("catalog", find_variants=find_variants),
    ):
        yield world


def happens(event: object) -> None:
    with atomic(Message):
        for handler in HANDLERS[type(event)]:
            handler(event)
    driver.run_due("default")


def arrived(customer_id: UUID | None = ADA) -> Message | None:
    happens(OrderDelivered(order_id=ORDER, number="1001", customer_id=customer_id))
    return Message.objects.filter(topic="review_request").first()


def asked() -> Message:
    message = arrived()
    assert message is not None
    return message


def sent(message: Message) -> str:
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    return message.status


def test_a_week_after_it_arrived_its_buyer_is_asked_once_with_a_way_out(
    clock: Traveller, broker: list[UUID], provider: Any, world: Any
) -> None:
    for _ in range(2):
        message = asked()
    assert Message.objects.filter(topic="review_request").count() == 1
    assert (message.status, message.customer_id, message.order_id, message.pk in broker) == ("ready", ADA, ORDER, False)
    assert sent(message) == "ready"

    clock.shift(timedelta(days=7))
    handover.hand_over_due()
    assert message.pk in broker
    assert sent(message) == "sent"
    (mail,) = [mail for mail in provider.taken if mail.subject == "How do you like what you ordered?"]
    assert mail.extra_headers["List-Unsubscribe"] == f"<{unsubscribing.link(message.pk)}>"
    assert unsubscribing.link(message.pk) in mail.body
    assert "Hello Ada," in mail.body
    # Both are variants of one product: it is asked for once, by the name that stands first on the order.
    assert mail.body.count(f"Write a review: https://shop.example/products/{PRODUCT}/") == 1
    assert "Lamp <small>" in mail.body
    assert "secret-token" not in mail.body


def test_what_is_not_sold_any_more_is_not_asked_for(broker: list[UUID], world: Any) -> None:
    world.variants = sold(world.orders[0], "POSTER")
    text = asked().text
    assert ("Poster" in text, "Lamp" in text) == (True, False)


@pytest.mark.parametrize(
    "change",
    [
        {"contacts": []},
        {"contacts": [a_contact(ADA, accepts_marketing=False)]},
        {"orders": []},
        {"variants": []},
    ],
    ids=["account gone", "wants no marketing", "no order", "nothing is sold any more"],
)
def test_who_is_not_to_be_asked_is_not(broker: list[UUID], world: Any, change: dict[str, Any]) -> None:
    vars(world).update(change)
    assert asked().status == "skipped"


def test_guests_are_not_asked_nor_is_anybody_where_staff_have_turned_it_off(
    broker: list[UUID], world: Any, settings: Any
) -> None:
    assert arrived(customer_id=None) is None
    settings.REVIEW_REQUEST_DAYS = 0
    assert arrived() is None


@pytest.mark.parametrize("meanwhile", ["turned off", "takes consent back", "sent it all back"])
def test_who_does_not_want_it_any_more_when_it_would_leave_gets_none(
    clock: Traveller, broker: list[UUID], provider: Any, world: Any, meanwhile: str
) -> None:
    message = asked()
    clock.shift(timedelta(days=7))
    if meanwhile == "turned off":
        preferences.turn_off(ADA, "review_request", "mail")
    elif meanwhile == "takes consent back":
        world.contacts = [a_contact(ADA, accepts_marketing=False)]
    else:
        world.orders = [the_order(payment_status=PaymentState.REFUNDED)]
    assert (sent(message), [mail.subject for mail in provider.taken]) == ("skipped", [])


def test_users_that_does_not_answer_then_is_asked_again(
    clock: Traveller, broker: list[UUID], provider: Any, world: Any
) -> None:
    message = asked()
    clock.shift(timedelta(days=7))

    def away(ids: Any) -> None:
        raise Unavailable

    with stand_in("users", get_contacts=away):
        assert sent(message) == "ready"
    assert provider.taken == []


@pytest.mark.parametrize("event", [UserErased(user_id=ADA), OrderAnonymised(order_id=ORDER)], ids=["user", "order"])
def test_it_is_forgotten_with_its_reader_and_with_its_order(broker: list[UUID], world: Any, event: object) -> None:
    message = asked()
    with atomic(Message):
        HANDLERS[type(event)][0](event)
    message.refresh_from_db()
    assert (message.status, message.address, message.text) == ("skipped", "", "")
