"""Calling off an order, or a part of it, again and half dead."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Saga, Step
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import relay_until_quiet
from modules.catalog.contracts import HoldCommitted
from modules.orders.contracts import UnknownLine
from modules.orders.logic.cancellation import CancelWish, cancel
from modules.orders.logic.portions import Asked
from modules.orders.models import Order, OrderLine, Refund
from modules.orders.tests.api.after_sale import line_of, paid_order
from modules.orders.tests.world import SHIRT, World
from modules.payments.contracts import CancelOutcome, RefundRefused

pytestmark = pytest.mark.django_db(transaction=True)


def sold_order(shop: World) -> Order:
    """Two shirts, paid for and taken off the shelf."""
    shop.cancel_outcome = CancelOutcome.CAPTURED
    shop.refuse["release_hold"] = HoldCommitted()
    return paid_order(shop)


def call_off(order: Order, *quantities: int, claim_id: UUID | None = None) -> Order:
    """So many units of the first line, each named by itself; without any, the whole order."""
    asked = [Asked(line_id=UUID(line_of(order)), quantity=quantity) for quantity in quantities]
    return cancel(order.pk, CancelWish(asked=asked or None), actor="staff", claim_id=claim_id or new_id())


def come_to_rest() -> None:
    Step.objects.filter(status="pending").update(next_attempt_at=clock.now())
    Saga.objects.exclude(next_run_at=None).update(next_run_at=clock.now())
    relay_until_quiet()


def put_on_the_shelf(shop: World) -> dict[str, int]:
    """How many units of what came back, each reference counted once, as catalog does."""
    references = {asked["reference"]: asked["lines"] for name, asked in shop.asked if name == "return_stock"}
    back: Counter[str] = Counter()
    for lines in references.values():
        for line in lines:
            back[line["variant_id"]] += line["quantity"]
    return dict(back)


def test_half_of_an_order_called_off_twice_with_one_key_is_half_of_it(shop: World) -> None:
    order, claim_id = sold_order(shop), new_id()

    for _ in range(2):
        call_off(order, 1, claim_id=claim_id)

    line = OrderLine.objects.get(order=order)
    assert (Order.objects.get(pk=order.pk).status, line.cancelled, line.refunded) == ("confirmed", 1, 1)
    assert put_on_the_shelf(shop) == {str(SHIRT): 1}


def test_all_units_named_one_by_one_are_the_whole_order(shop: World) -> None:
    order = sold_order(shop)

    assert call_off(order, 1, 1).status == "cancelled"

    assert not Refund.objects.exists()
    assert put_on_the_shelf(shop) == {str(SHIRT): 2}


def test_a_line_of_another_order_beside_all_there_is_calls_nothing_off(shop: World) -> None:
    order = sold_order(shop)
    asked = [Asked(line_id=UUID(line_of(order)), quantity=2), Asked(line_id=new_id(), quantity=1)]

    with pytest.raises(UnknownLine):
        cancel(order.pk, CancelWish(asked=asked), actor="staff", claim_id=new_id())

    assert Order.objects.get(pk=order.pk).status == "confirmed"
    assert shop.names() == []


def test_a_unit_whose_refund_waits_is_on_the_shelf_too_when_the_order_is_called_off_first(shop: World) -> None:
    order = sold_order(shop)
    shop.refuse["refund_order"] = Unavailable("payments is away", dependency="payments")
    with pytest.raises(Unavailable):
        call_off(order, 1)
    del shop.refuse["refund_order"]

    # The order's own refund is quicker, and leaves nothing for the unit's.
    assert call_off(order).status == "cancelled"
    come_to_rest()

    assert Refund.objects.get().status == "failed"
    assert shop.payments[order.pk].refunded.minor == 4488
    assert put_on_the_shelf(shop) == {str(SHIRT): 2}


def test_a_unit_whose_refund_was_refused_is_on_the_shelf_once_when_the_order_is_called_off_later(shop: World) -> None:
    order = sold_order(shop)
    shop.refuse["refund_order"] = RefundRefused()
    with pytest.raises(Exception, match="refused"):
        call_off(order, 1)
    del shop.refuse["refund_order"]
    assert OrderLine.objects.get(order=order).cancelled == 0

    call_off(order)
    come_to_rest()

    assert put_on_the_shelf(shop) == {str(SHIRT): 2}


def test_what_a_refused_refund_leaves_of_an_order_that_was_called_off_goes_back_with_it(shop: World) -> None:
    order = sold_order(shop)
    shop.refuse["refund_order"] = Unavailable("payments is away", dependency="payments")
    with pytest.raises(Unavailable):
        call_off(order, 1)
    del shop.refuse["refund_order"]
    # Payments has reserved the unit's share: calling off gives back the rest.
    payment = shop.payments[order.pk]
    shop.payments[order.pk] = replace(payment, refunded=Money(minor=1999, currency="EUR"))
    call_off(order)
    assert shop.payments[order.pk].refunded.minor == 4488

    # Then the provider refuses the unit's, once.
    shop.payments[order.pk] = replace(payment, refunded=Money(minor=4488 - 1999, currency="EUR"))
    shop.refuse["refund_order"] = RefundRefused()
    shop.meanwhile["refund_order"] = lambda: shop.meanwhile.update(refund_order=lambda: shop.refuse.pop("refund_order"))
    come_to_rest()

    assert Refund.objects.get().status == "failed"
    assert shop.payments[order.pk].refunded.minor == 4488
    assert put_on_the_shelf(shop) == {str(SHIRT): 2}
