"""Calling units of an order off."""

import pytest

from ecommerce.kernel.ids import new_id
from modules.orders.logic.cancellation import CancelWish, cancel
from modules.orders.logic.portions import Asked
from modules.orders.tests.api.after_sale import paid_order
from modules.orders.tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_part_that_is_repeated_once_it_is_all_that_is_left_cancels_no_more(shop: World) -> None:
    order, claim_id = paid_order(shop), new_id()
    wish = CancelWish(asked=[Asked(line_id=order.lines.get().pk, quantity=1)])

    first, again = (cancel(order.pk, wish, actor="system", claim_id=claim_id) for _ in range(2))

    assert (first.status, again.status) == ("confirmed", "confirmed")
    assert (order.lines.get().cancelled, list(shop.refunds.values())) == (1, [1999])
