"""What payment events do to an order."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent, Saga, Step
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import relay_until_quiet
from modules.cart.contracts import CouponInvalid
from modules.catalog.contracts import OutOfStock
from modules.orders.handlers import HANDLERS
from modules.orders.logic.portions import Asked
from modules.orders.logic.shipments import ShipmentWish, ship
from modules.orders.models import Order
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World
from modules.payments.events import PaymentAuthorized, PaymentCaptured, PaymentFailed, PaymentRefunded

pytestmark = pytest.mark.django_db(transaction=True)


def happens(event: Any) -> None:
    """As the inbox does it: all handlers in one transaction."""
    with atomic(Order):
        for handler in HANDLERS[type(event)]:
            handler(event)


def captured(order: Order, minor: int = 4488, purpose: str = "order") -> PaymentCaptured:
    money = Money(minor=minor, currency="EUR")
    return PaymentCaptured(payment_id=new_id(), order_id=order.pk, purpose=purpose, captured=money)


def make_steps_due() -> None:
    """The time after which a failed step is tried again has passed."""
    Step.objects.filter(status="pending").update(next_attempt_at=clock.now())
    Saga.objects.exclude(next_run_at=None).update(next_run_at=clock.now())


def announced() -> list[str]:
    return list(OutboxEvent.objects.using("default").order_by("position").values_list("name", flat=True))


def timeline(order_id: UUID) -> list[str]:
    return list(Order.objects.get(pk=order_id).timeline.order_by("id").values_list("event", flat=True))


def test_a_full_capture_confirms_the_order(shop: World) -> None:
    order = OrderFactory.create()

    happens(captured(order))
    relay_until_quiet()

    order.refresh_from_db()
    assert (order.status, order.payment_status, order.captured_minor) == ("confirmed", "paid", 4488)
    assert order.paid_at is not None
    assert shop.names() == ["commit_hold", "recognise_revenue", "close_cart"]
    assert announced() == ["orders.OrderConfirmed"]
    assert timeline(order.pk) == ["placed", "payment_captured", "confirmed"]


@pytest.mark.parametrize("quantity", [1, 2])
def test_the_revenue_of_an_order_that_is_shipped_at_once_is_recognised_too(shop: World, quantity: int) -> None:
    order = OrderFactory.create()
    line_id = order.lines.get().pk

    def send() -> None:
        wish = ShipmentWish(asked=[Asked(line_id=line_id, quantity=quantity)], carrier="DHL", tracking_number="1")
        ship(order.pk, wish, actor="staff", claim_id=None)

    # Once, when it is not recognised yet and staff were quick.
    shop.meanwhile["recognise_revenue"] = send
    shop.refuse["recognise_revenue"] = Unavailable(dependency="payments")
    happens(captured(order))
    relay_until_quiet()
    assert Order.objects.get(pk=order.pk).status == ("processing" if quantity == 1 else "shipped")
    shop.asked.clear()
    del shop.refuse["recognise_revenue"]

    make_steps_due()
    relay_until_quiet()

    assert shop.names() == ["recognise_revenue", "close_cart"]


def test_the_revenue_is_split_over_sales_tax_and_shipping(shop: World) -> None:
    order = OrderFactory.create()
    happens(captured(order))
    relay_until_quiet()

    (split,) = [arguments["split"] for name, arguments in shop.asked if name == "recognise_revenue"]
    assert {part: money["minor"] for part, money in split.items()} == {"sales": 3360, "tax": 716, "shipping": 412}


def test_a_capture_told_twice_confirms_once(shop: World) -> None:
    order = OrderFactory.create()
    happens(captured(order))
    relay_until_quiet()
    happens(captured(order))
    relay_until_quiet()

    assert announced() == ["orders.OrderConfirmed"]
    assert timeline(order.pk).count("payment_captured") == 1


def test_less_than_the_total_does_not_confirm(shop: World) -> None:
    order = OrderFactory.create()

    happens(captured(order, minor=4000))
    relay_until_quiet()

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("pending", "partially_paid")
    assert shop.names() == []


def test_a_capture_for_another_purpose_is_none_of_the_orders_business(shop: World) -> None:
    order = OrderFactory.create()

    happens(captured(order, purpose="edit"))

    order.refresh_from_db()
    assert order.captured_minor == 0


def test_an_authorisation_of_the_total_confirms_too(shop: World) -> None:
    order = OrderFactory.create()
    money = Money(minor=4488, currency="EUR")

    happens(PaymentAuthorized(payment_id=new_id(), order_id=order.pk, purpose="order", authorized=money))
    relay_until_quiet()

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "authorized")
    assert shop.names() == ["commit_hold", "close_cart"]


def test_a_failed_payment_leaves_the_order_to_be_paid(shop: World) -> None:
    order = OrderFactory.create()

    happens(PaymentFailed(payment_id=new_id(), order_id=order.pk, purpose="order", code="card_declined"))

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("pending", "failed")


def test_a_capture_that_comes_before_the_order_is_placed_confirms_it_when_it_is(shop: World, check_out: Any) -> None:
    shop.refuse["start_payment"] = Unavailable(dependency="payments")
    check_out(shop.add_cart())
    order = Order.objects.get()
    happens(captured(order))
    assert Order.objects.get().status == "opening"

    shop.refuse.clear()
    _make_due()
    relay_until_quiet()

    assert Order.objects.get().status == "confirmed"
    assert announced() == ["orders.OrderPlaced", "orders.OrderConfirmed"]


def test_money_for_an_expired_order_takes_the_stock_again_and_confirms(shop: World) -> None:
    order = OrderFactory.create(status="expired")

    happens(captured(order))
    relay_until_quiet()

    order.refresh_from_db()
    assert order.status == "confirmed"
    assert order.stock_reference != order.pk
    assert shop.names() == ["hold_stock", "commit_hold", "recognise_revenue", "close_cart"]


def test_money_for_an_expired_order_goes_back_when_the_stock_is_gone(shop: World, check_out: Any) -> None:
    order_id = check_out(shop.add_cart()).json()["order"]["id"]
    Order.objects.filter(pk=order_id).update(status="expired")
    shop.asked.clear()
    shop.refuse["hold_stock"] = OutOfStock(lines=[])

    happens(captured(Order.objects.get(pk=order_id)))
    relay_until_quiet()

    assert Order.objects.get(pk=order_id).status == "expired"
    assert shop.names() == ["hold_stock", "release_hold", "release_redemption", "refund_order"]


def test_more_money_for_an_expired_order_that_did_not_revive_goes_back_too(shop: World) -> None:
    order = OrderFactory.create(status="expired")
    shop.refuse["hold_stock"] = OutOfStock(lines=[])
    for minor in (4488, 4488 + 100):
        shop.add_payment(order.pk, captured=minor)
        shop.put(replace(shop.payments[order.pk], refunded=Money(minor=sum(shop.refunds.values()), currency="EUR")))
        happens(captured(order, minor))
        relay_until_quiet()

    assert shop.payments[order.pk].refunded.minor == 4588
    assert Order.objects.get(pk=order.pk).status == "expired"


def test_more_money_for_an_order_that_revives_meanwhile_leaves_it_its_stock(shop: World) -> None:
    order = OrderFactory.create(status="expired")
    happens(captured(order))
    happens(captured(order, 4488 + 100))
    relay_until_quiet()

    assert Order.objects.get(pk=order.pk).status == "confirmed"
    assert "release_hold" not in shop.names()


def test_money_for_an_expired_order_goes_back_when_its_coupon_is_not_known_any_more(shop: World) -> None:
    order = OrderFactory.create(status="expired", coupon_codes=["GONE"])
    shop.add_payment(order.pk)
    shop.refuse["redeem"] = CouponInvalid()

    happens(captured(order))
    relay_until_quiet()

    assert Order.objects.get(pk=order.pk).status == "expired"
    assert shop.payments[order.pk].refunded.minor == 4488
    assert shop.names() == ["hold_stock", "redeem", "release_hold", "release_redemption", "refund_order"]
    assert not Step.objects.filter(status__in=["pending", "parked"]).exists()


def test_money_for_an_expired_order_goes_back_when_its_cart_was_ordered_again(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    first = check_out(cart_id, key="a").json()["order"]["id"]
    Order.objects.filter(pk=first).update(status="expired")
    check_out(cart_id, key="b")

    happens(captured(Order.objects.get(pk=first)))
    relay_until_quiet()

    assert Order.objects.get(pk=first).status == "expired"
    assert shop.names()[-1] == "refund_order"


def test_money_for_a_cancelled_order_goes_back(shop: World, check_out: Any) -> None:
    order_id = check_out(shop.add_cart()).json()["order"]["id"]
    Order.objects.filter(pk=order_id).update(status="cancelled")

    happens(captured(Order.objects.get(pk=order_id)))
    relay_until_quiet()

    assert shop.names()[-1] == "refund_order"
    assert Order.objects.get(pk=order_id).status == "cancelled"


def test_refunds_are_noted_part_and_whole(shop: World) -> None:
    order = OrderFactory.create(status="confirmed", captured_minor=4488, payment_status="paid")

    for minor, state in ((1000, "partially_refunded"), (4488, "refunded")):
        money = Money(minor=minor, currency="EUR")
        happens(
            PaymentRefunded(payment_id=new_id(), order_id=order.pk, purpose="order", reference=None, refunded=money)
        )
        order.refresh_from_db()
        assert (order.payment_status, order.refunded_minor) == (state, minor)


def test_an_event_for_an_order_nobody_knows_is_not_swallowed(shop: World) -> None:
    with pytest.raises(Order.DoesNotExist):
        happens(captured(Order(pk=new_id())))


def _make_due() -> None:
    from ecommerce.kernel import clock
    from ecommerce.kernel.models import Saga

    Step.objects.using("default").filter(status="pending").update(next_attempt_at=clock.now())
    Saga.objects.using("default").exclude(next_run_at=None).update(next_run_at=clock.now(), leased_until=None)
