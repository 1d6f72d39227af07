"""The table of an order's moves, and the trigger that holds everybody else to it."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from modules.orders.logic.states import MOVES
from modules.orders.models import Order
from modules.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db

MOVES_THERE_MIGHT_BE = [(was, to) for was, to in product(Order.Status.values, repeat=2) if was != to]


@pytest.mark.parametrize(("was", "to"), MOVES_THERE_MIGHT_BE)
def test_the_database_holds_the_table_of_moves(was: str, to: str) -> None:
    order = OrderFactory.create(status=was)

    try:
        with transaction.atomic():
            Order.objects.filter(pk=order.pk).update(status=to)
        moved = True
    except IntegrityError:
        moved = False

    assert moved is (to in MOVES[was])
    assert Order.objects.get(pk=order.pk).status == (to if moved else was)


def test_every_status_has_its_moves() -> None:
    assert set(MOVES) == set(Order.Status.values)
