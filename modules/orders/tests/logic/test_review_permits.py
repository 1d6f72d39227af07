"""Whoever buys as a customer may say what it is like."""

from uuid import UUID

import pytest

from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import add_steps
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.handlers import HANDLERS
from modules.orders.logic.review_permits import allow_reviews
from modules.orders.models import Order
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import SHIRT, World
from modules.payments.events import PaymentCaptured
from modules.users.events import UserErased

pytestmark = pytest.mark.django_db(transaction=True)


def pay(order: Order) -> None:
    """As the inbox does it, and then the relay."""
    captured = Money(minor=order.total_minor, currency="EUR")
    event = PaymentCaptured(payment_id=new_id(), order_id=order.pk, purpose="order", captured=captured)
    with atomic(Order):
        for handler in HANDLERS[PaymentCaptured]:
            handler(event)
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


def test_catalog_is_told_what_a_customer_bought_after_all_else(shop: World) -> None:
    customer_id = new_id()
    order = OrderFactory.create(customer_id=customer_id)

    pay(order)

    assert shop.names() == ["commit_hold", "recognise_revenue", "close_cart", "allow_reviews"]
    assert told(shop) == [{"customer_id": str(customer_id), "variant_ids": [str(SHIRT)]}]


def test_a_guest_gets_no_permit(shop: World) -> None:
    order = OrderFactory.create(customer_id=None)

    pay(order)

    assert Order.objects.get(pk=order.pk).status == "confirmed"
    assert told(shop) == []


def test_a_catalog_that_does_not_answer_is_told_later_and_the_order_is_confirmed_meanwhile(shop: World) -> None:
    shop.refuse["allow_reviews"] = Unavailable(dependency="catalog")
    order = OrderFactory.create(customer_id=new_id())

    pay(order)

    assert Order.objects.get(pk=order.pk).status == "confirmed"
    assert status_of_the_step(order) == "pending"


@pytest.mark.parametrize("status", ["pending", "cancelled", "expired"])
def test_nothing_is_told_of_an_order_that_is_not_sold(shop: World, status: str) -> None:
    order = OrderFactory.create(customer_id=new_id(), status=status)

    follow(order)

    assert (told(shop), status_of_the_step(order)) == ([], "done")


def test_nothing_is_told_of_a_customer_who_was_erased_meanwhile(shop: World) -> None:
    customer_id = new_id()
    order = OrderFactory.create(customer_id=customer_id, status="confirmed")
    _erase(customer_id)

    follow(order)

    assert (told(shop), status_of_the_step(order)) == ([], "done")


def _erase(user_id: UUID) -> None:
    with atomic(Order):
        for handler in HANDLERS[UserErased]:
            handler(UserErased(user_id=user_id))
