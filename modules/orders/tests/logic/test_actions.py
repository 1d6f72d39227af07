"""What an order's answer offers to its buyer and to staff."""

import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.orders.logic.actions import allowed_actions
from modules.orders.logic.cancellation import CancelWish, cancel
from modules.orders.logic.portions import Asked, lines_of
from modules.orders.models import Order
from modules.orders.tests.api.after_sale import add_line, paid_order, ship
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

PAID = {"payment_status": "paid", "captured_minor": 4488}


def offered(order: Order, *, is_staff: bool) -> list[str]:
    """Judged by what was read of it before."""
    order.refresh_from_db()
    lines = lines_of(order)
    with statements() as sql:
        found = allowed_actions(order, lines, is_staff=is_staff)
    assert sql == []
    return found


def sent_in_part(shop: World) -> Order:
    """Of two shirts one was sent."""
    order = paid_order(shop)
    assert ship(order, 1).status_code == 201
    return order


def test_staff_call_off_what_is_left_of_an_order_that_was_sent_in_part(shop: World) -> None:
    order = sent_in_part(shop)

    assert offered(order, is_staff=True) == ["cancel", "ship", "deliver", "refund", "invoice"]
    assert offered(order, is_staff=False) == ["invoice"]

    # What is offered is done.
    rest = CancelWish(asked=[Asked(line_id=order.lines.get().pk, quantity=1)])
    assert cancel(order.pk, rest, actor="staff", claim_id=new_id()).status == "shipped"
    assert "cancel" not in offered(order, is_staff=True)


@pytest.mark.parametrize("counts", [{"fulfilled": 2}, {"fulfilled": 0, "cancelled": 2, "refunded": 2}, {"refunded": 2}])
def test_what_was_sent_or_given_back_is_not_called_off(shop: World, counts: dict[str, int]) -> None:
    order = sent_in_part(shop)
    order.lines.update(**counts)

    assert "cancel" not in offered(order, is_staff=True)

    add_line(order, sku="HAT-1")
    assert "cancel" in offered(order, is_staff=True)


def test_units_that_nobody_has_paid_for_are_not_called_off(shop: World) -> None:
    order = sent_in_part(shop)
    Order.objects.filter(pk=order.pk).update(payment_status="authorized", captured_minor=0)

    assert offered(order, is_staff=True) == ["ship", "deliver"]


@pytest.mark.parametrize("is_staff", [True, False])
def test_an_invoice_is_offered_of_what_is_confirmed_and_paid_for(shop: World, is_staff: bool) -> None:
    sold = [OrderFactory.create(status=one, **PAID) for one in ("confirmed", "processing", "shipped", "delivered")]
    free = OrderFactory.create(
        status="confirmed", payment_status="paid",
        subtotal_minor=0, shipping_minor=0, tax_minor=0, shipping_tax_minor=0, total_minor=0,
    )  # fmt: skip
    others = [
        OrderFactory.create(),
        OrderFactory.create(status="confirmed", payment_status="authorized"),
        OrderFactory.create(status="pending", payment_status="partially_paid", captured_minor=4487),
        OrderFactory.create(status="cancelled", **PAID),
        OrderFactory.create(status="delivered", is_imported=True, payment_id=None, **PAID),
    ]

    assert ["invoice" in offered(order, is_staff=is_staff) for order in (*sold, free)] == [True] * 5
    assert ["invoice" in offered(order, is_staff=is_staff) for order in others] == [False] * 5


def test_what_was_given_back_keeps_its_invoice(shop: World) -> None:
    order = OrderFactory.create(status="delivered", **PAID | {"payment_status": "refunded", "refunded_minor": 4488})

    assert offered(order, is_staff=False)[-1] == "invoice"
