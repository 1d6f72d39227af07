"""What other modules may ask of orders, at both ends."""

from collections.abc import Iterator

import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import far_end
from modules.orders import remote, service
from modules.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["local", "remote"], autouse=True)
def end(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "local":
        yield
        return
    with far_end(service, remote):
        yield


def test_orders_are_found_in_the_order_asked_and_unknown_ones_left_out() -> None:
    first, second = OrderFactory.create(), OrderFactory.create()

    found = service.get_orders(ids=[second.pk, new_id(), first.pk])

    assert [order.id for order in found] == [second.pk, first.pk]
    assert found[0].total == Money(minor=4488, currency="EUR")
    assert [(line.sku, line.quantity) for line in found[0].lines] == [("SHIRT-M", 2)]
    assert found[0].link.startswith("http")


def test_orders_are_found_by_their_numbers_and_numbers_that_none_has_are_left_out() -> None:
    first, second = OrderFactory.create(), OrderFactory.create()
    assert first.number is not None
    assert second.number is not None

    found = service.find_orders(numbers=[second.number, "no such number", "\0", first.number])

    assert [order.id for order in found] == sorted([first.pk, second.pk])
    assert service.find_orders(numbers=[]) == []


def test_an_order_in_checkout_is_seen_by_nobody() -> None:
    order = OrderFactory.create(status="opening", number=None, placed_at=None, with_line=None)

    assert service.get_orders(ids=[order.pk]) == []


def test_all_orders_are_listed_page_by_page() -> None:
    orders = [OrderFactory.create() for _ in range(3)]

    first = service.list_orders(after=None, limit=2)
    second = service.list_orders(after=first[-1].id, limit=2)

    assert [order.id for order in first + second] == [order.pk for order in orders]
