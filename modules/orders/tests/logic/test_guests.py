"""A guest's orders become the user's when the address is verified."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.handlers import HANDLERS
from modules.orders.models import Order
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World
from modules.users.events import EmailVerified

pytestmark = pytest.mark.django_db(transaction=True)

DB = "default"


def verified(user_id: UUID) -> None:
    """As the inbox does it, and then the relay."""
    with atomic(Order):
        for handler in HANDLERS[EmailVerified]:
            handler(EmailVerified(user_id=user_id))
    relay_until_quiet()


def owner(order: Order) -> UUID | None:
    return Order.objects.get(pk=order.pk).customer_id


def timeline(order: Order) -> list[str]:
    return list(Order.objects.get(pk=order.pk).timeline.order_by("at", "id").values_list("event", flat=True))


def left_open() -> list[str]:
    return list(Step.objects.using(DB).exclude(status="done").values_list("name", flat=True))


def payers_asked_for(world: World) -> list[dict[str, Any]]:
    return [arguments for name, arguments in world.asked if name == "assign_payer"]


def test_a_guests_orders_and_their_payments_become_the_users(world: World) -> None:
    user_id = world.add_contact("ada@example.com")
    orders = [OrderFactory.create(email="ada@example.com"), OrderFactory.create(email="Ada@Example.COM")]
    version = orders[0].version

    verified(user_id)

    assert [owner(order) for order in orders] == [user_id, user_id]
    assert [timeline(order) for order in orders] == [["placed", "account_linked"]] * 2
    assert Order.objects.get(pk=orders[0].pk).version == version + 1
    order_ids = sorted(str(order.pk) for order in orders)
    assert payers_asked_for(world) == [{"order_ids": order_ids, "payer_id": str(user_id)}]
    assert left_open() == []


def test_another_addresss_orders_stay_as_they_are(world: World) -> None:
    user_id = world.add_contact("ada@example.com")
    orders = [OrderFactory.create(email=email) for email in ("eve@example.com", "ada@example.com.invalid", "")]

    verified(user_id)

    assert [owner(order) for order in orders] == [None, None, None]
    assert [timeline(order) for order in orders] == [["placed"]] * 3
    assert payers_asked_for(world) == []


def test_an_order_that_is_somebody_elses_already_does_not_move(world: World) -> None:
    user_id, other_id = world.add_contact("ada@example.com"), new_id()
    order = OrderFactory.create(email="ada@example.com", customer_id=other_id)

    verified(user_id)

    assert (owner(order), timeline(order), payers_asked_for(world)) == (other_id, ["placed"], [])


@pytest.mark.parametrize("status", ["opening", "abandoned"])
def test_an_order_that_nobody_sees_does_not_move(world: World, status: str) -> None:
    user_id = world.add_contact("ada@example.com")
    order = OrderFactory.create(email="ada@example.com", status=status, number=None, placed_at=None)

    verified(user_id)

    assert (owner(order), payers_asked_for(world)) == (None, [])


def test_an_address_that_is_not_verified_any_more_gives_nothing(world: World) -> None:
    order = OrderFactory.create(email="ada@example.com")

    verified(world.add_contact("ada@example.com", verified=False))
    verified(new_id())

    assert (owner(order), payers_asked_for(world), left_open()) == (None, [], [])


def test_hearing_of_it_again_changes_nothing(world: World) -> None:
    user_id = world.add_contact("ada@example.com")
    order = OrderFactory.create(email="ada@example.com")
    verified(user_id)
    before = Order.objects.filter(pk=order.pk).values().get()

    verified(user_id)

    assert Order.objects.filter(pk=order.pk).values().get() == before
    assert timeline(order) == ["placed", "account_linked"]
    assert len(payers_asked_for(world)) == 1


def test_what_was_ordered_as_a_guest_since_is_found_when_it_is_verified_again(world: World) -> None:
    user_id = world.add_contact("ada@example.com")
    verified(user_id)
    order = OrderFactory.create(email="ada@example.com")

    verified(user_id)

    assert (owner(order), len(payers_asked_for(world)), left_open()) == (user_id, 1, [])


def test_payments_that_does_not_answer_is_asked_again_and_the_orders_are_the_users_already(world: World) -> None:
    world.refuse["assign_payer"] = Unavailable()
    user_id = world.add_contact("ada@example.com")
    order = OrderFactory.create(email="ada@example.com")

    verified(user_id)

    assert (owner(order), left_open()) == (user_id, ["orders.adopt_payments"])


def test_a_guests_orders_are_found_by_the_index_on_the_address(world: World) -> None:
    with connection.cursor() as cursor:
        # Few rows would be read whole; what matters is that the index serves at all.
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM orders_order WHERE customer_id IS NULL AND LOWER(email) = LOWER('a@b.c')"
        )
        plan = str(cursor.fetchall())
        cursor.execute("RESET enable_seqscan")

    assert "order_email" in plan
