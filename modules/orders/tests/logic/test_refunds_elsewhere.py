"""Money that went back without a refund of the order's: it becomes one, and an invoiced order gets its credit note."""

from uuid import UUID

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.handlers import HANDLERS
from modules.orders.models import Order, Refund
from modules.orders.tests.documents import invoiced_order, issued
from modules.orders.tests.world import World
from modules.payments.events import PaymentRefunded

pytestmark = pytest.mark.django_db(transaction=True)


def money_goes_back(order: Order, in_all: int, reference: UUID | None = None) -> None:
    event = PaymentRefunded(
        payment_id=new_id(),
        order_id=order.pk,
        purpose="order",
        reference=reference,
        refunded=Money(minor=in_all, currency="EUR"),
    )
    with atomic(Order):
        for handler in HANDLERS[PaymentRefunded]:
            handler(event)
    relay_until_quiet()


def refunds() -> list[tuple[str, int]]:
    return list(Refund.objects.order_by("pk").values_list("status", "amount_minor"))


def credited() -> list[int]:
    return [total for kind, _, total in issued() if kind == "credit_note"]


@pytest.mark.parametrize("known", [None, new_id()])
def test_each_part_gets_its_credit_note_whoever_gave_it_back(shop: World, known: UUID | None) -> None:
    order = invoiced_order(shop)
    money_goes_back(order, 1000, known)
    money_goes_back(order, 1000, known)
    money_goes_back(order, 4488)
    assert refunds() == [("succeeded", 1000), ("succeeded", 3488)]
    assert [abs(total) for total in credited()] == [1000, 3488]
    assert Order.objects.get().refunded_minor == 4488


def test_a_refund_of_the_orders_own_is_not_counted_twice(shop: World) -> None:
    order = invoiced_order(shop)
    asked = Refund.objects.create(order=order, amount_minor=1000, tax_minor=160, actor="staff", created_at=clock.now())
    money_goes_back(order, 1000, asked.pk)
    assert refunds() == [("pending", 1000)]
    assert credited() == []


def test_what_was_paid_beyond_the_price_lowers_no_price(shop: World) -> None:
    order = invoiced_order(shop)
    Order.objects.update(captured_minor=2 * 4488)
    money_goes_back(order, 4488)
    assert (refunds(), credited()) == ([], [])
    money_goes_back(order, 4488 + 500)
    assert refunds() == [("succeeded", 500)]


def test_an_order_that_was_called_off_is_credited_by_that(shop: World) -> None:
    order = invoiced_order(shop)
    Order.objects.update(status="cancelled")
    money_goes_back(order, 4488)
    assert (refunds(), credited()) == ([], [])


def test_the_goods_can_be_refunded_for_what_is_left_of_their_price(shop: World) -> None:
    order = invoiced_order(shop)
    money_goes_back(order, 1000)
    assert sum(order.refunds.get().items.values_list("amount_minor", flat=True)) < 1000
    assert not order.lines.exclude(refunded=0).exists()
