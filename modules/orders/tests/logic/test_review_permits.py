"""Whoever has got what he bought as a customer may say what it is like."""

from typing import Any

import pytest

from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from ecommerce.kernel.steps import add_steps
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.handlers import HANDLERS
from modules.orders.logic import shipments
from modules.orders.logic.review_permits import allow_reviews
from modules.orders.models import Order, Shipment
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import SHIRT, World
from modules.users.events import EmailVerified, UserErased

pytestmark = pytest.mark.django_db(transaction=True)


def happens(event: Any) -> None:
    """As the inbox does it: all handlers in one transaction."""
    with atomic(Order):
        for handler in HANDLERS[type(event)]:
            handler(event)


def arrive(order: Order) -> None:
    """All of it is sent and arrives."""
    wish = shipments.ShipmentWish(asked=None, carrier="DHL", tracking_number="1")
    shipments.ship(order.pk, wish, actor="staff", claim_id=None)
    for shipment in Shipment.objects.filter(order=order):
        shipments.deliver(order.pk, shipment.pk, actor="staff")
    relay_until_quiet()


def told(world: World) -> list[dict[str, object]]:
    return [arguments for name, arguments in world.asked if name == "allow_reviews"]


def follow(order: Order) -> None:
    """The step alone."""
    with atomic(Order):
        add_steps(order.pk, [allow_reviews])
    driver.run_due("default")


def status_of_the_step(order: Order) -> str:
    step: Step = Step.objects.using("default").get(aggregate_id=order.pk, name="orders.allow_reviews")
    return step.status


def test_catalog_is_told_what_a_customer_has_got(shop: World) -> None:
    customer_id = new_id()
    order = OrderFactory.create(customer_id=customer_id, status="confirmed")

    arrive(order)

    assert told(shop) == [{"customer_id": str(customer_id), "variant_ids": [str(SHIRT)]}]


def test_a_guest_gets_no_permit(shop: World) -> None:
    order = OrderFactory.create(customer_id=None, status="confirmed")

    arrive(order)

    assert Order.objects.get(pk=order.pk).status == "delivered"
    assert told(shop) == []


def test_who_bought_as_a_guest_and_turns_out_to_be_a_user_gets_his_permit(shop: World) -> None:
    here, on_the_way = (OrderFactory.create(email="ada@example.com", status="confirmed") for _ in range(2))
    arrive(here)

    user_id = shop.add_contact("ada@example.com")
    happens(EmailVerified(user_id=user_id))
    relay_until_quiet()

    permit = {"customer_id": str(user_id), "variant_ids": [str(SHIRT)]}
    assert told(shop) == [permit]
    arrive(on_the_way)
    assert told(shop) == [permit, permit]


def test_a_catalog_that_does_not_answer_is_told_later_and_the_order_is_delivered_meanwhile(shop: World) -> None:
    shop.refuse["allow_reviews"] = Unavailable(dependency="catalog")
    order = OrderFactory.create(customer_id=new_id(), status="confirmed")

    arrive(order)

    assert Order.objects.get(pk=order.pk).status == "delivered"
    assert status_of_the_step(order) == "pending"


@pytest.mark.parametrize("status", ["pending", "confirmed", "shipped", "cancelled", "expired"])
def test_nothing_is_told_of_an_order_that_has_not_arrived(shop: World, status: str) -> None:
    order = OrderFactory.create(customer_id=new_id(), status=status)

    follow(order)

    assert (told(shop), status_of_the_step(order)) == ([], "done")


def test_nothing_is_told_of_a_customer_who_was_erased_meanwhile(shop: World) -> None:
    customer_id = new_id()
    order = OrderFactory.create(customer_id=customer_id, status="delivered")
    happens(UserErased(user_id=customer_id))

    follow(order)

    assert (told(shop), status_of_the_step(order)) == ([], "done")
