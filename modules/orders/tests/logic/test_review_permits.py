"""Whoever buys as a customer may say what it is like."""

from typing import Any

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
from modules.users.events import EmailVerified, UserErased

pytestmark = pytest.mark.django_db(transaction=True)


def happens(event: Any) -> None:
    """As the inbox does it: all handlers in one transaction."""
    with atomic(Order):
        for handler in HANDLERS[type(event)]:
            handler(event)


def captured(order: Order) -> PaymentCaptured:
    money = Money(minor=order.total_minor, currency="EUR")
    return PaymentCaptured(payment_id=new_id(), order_id=order.pk, purpose="order", captured=money)


def pay(order: Order) -> None:
    happens(captured(order))
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


def test_who_bought_as_a_guest_and_turns_out_to_be_a_user_gets_his_permit(shop: World) -> None:
    order, unpaid = (OrderFactory.create(email="ada@example.com") for _ in range(2))
    pay(order)

    user_id = shop.add_contact("ada@example.com")
    happens(EmailVerified(user_id=user_id))
    relay_until_quiet()

    permit = {"customer_id": str(user_id), "variant_ids": [str(SHIRT)]}
    assert told(shop) == [permit]
    pay(unpaid)
    assert told(shop) == [permit, permit]


def test_an_order_that_is_adopted_while_it_is_being_confirmed_is_followed_by_its_permit(shop: World) -> None:
    user_id = shop.add_contact("ada@example.com")
    order = OrderFactory.create(email="ada@example.com")
    happens(captured(order))

    happens(EmailVerified(user_id=user_id))
    relay_until_quiet()

    assert told(shop) == [{"customer_id": str(user_id), "variant_ids": [str(SHIRT)]}]


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
    happens(UserErased(user_id=customer_id))

    follow(order)

    assert (told(shop), status_of_the_step(order)) == ([], "done")
