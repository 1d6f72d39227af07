"""Each invariant finds what breaks it, and nothing in an order that is as it should be."""

from typing import Any

import pytest
from django.db import connection

from ecommerce.kernel import clock
from modules.orders.logic.invariants import INVARIANTS
from modules.orders.models import Order, OrderLine, Refund, Shipment
from modules.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db

NOW = clock.now()


def broken() -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            found += [invariant.name] * bool(cursor.fetchall())
    return found


def test_an_order_as_it_should_be_breaks_none() -> None:
    OrderFactory.create()

    assert broken() == []


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("what is fulfilled lies in shipments", {"fulfilled": 1}),
        ("what is refunded stands in refunds", {"refunded": 1}),
        ("what is refunded stands in refunds", {"refunded": 1, "cancelled": 1}),
    ],
)
def test_counts_of_a_line_that_nothing_stands_behind_are_found(name: str, fields: dict[str, int]) -> None:
    order = OrderFactory.create()
    OrderLine.objects.filter(order=order).update(**fields)

    assert broken() == [name]


def test_a_refund_that_is_not_its_parts_is_found() -> None:
    order = OrderFactory.create()
    Refund.objects.create(order=order, amount_minor=1, tax_minor=0, actor="staff", created_at=NOW)

    assert broken() == ["a refund is the sum of its parts, and no part gives back more than was paid for it"]


def test_a_line_that_gives_back_more_than_was_paid_is_found() -> None:
    order = OrderFactory.create()
    refund = Refund.objects.create(order=order, amount_minor=3999, tax_minor=638, actor="staff", created_at=NOW)
    refund.items.create(line=order.lines.get(), quantity=0, amount_minor=3999, tax_minor=638)

    assert broken() == ["a refund is the sum of its parts, and no part gives back more than was paid for it"]


@pytest.mark.parametrize(("status", "fulfilled"), [("shipped", 1), ("delivered", 2)])
def test_an_order_that_says_more_than_was_sent_is_found(status: str, fulfilled: int) -> None:
    order: Any = OrderFactory.create(status=status)
    line = order.lines.get()
    shipment = Shipment.objects.create(order=order, carrier="DHL", tracking_number="1", shipped_at=NOW)
    shipment.items.create(line=line, quantity=fulfilled)
    OrderLine.objects.filter(pk=line.pk).update(fulfilled=fulfilled)

    assert broken() == ["an order is shipped where nothing is left to ship, and delivered where all has arrived"]
    assert Order.objects.get().status == status
