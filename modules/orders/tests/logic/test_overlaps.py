"""Two things that happen to one order at once: each in the moment in which it hurts most."""

from datetime import timedelta
from typing import Any

import pytest

from ecommerce.kernel import backoff, clock, driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.leases import claim
from ecommerce.kernel.models import IdempotencyKey, Saga, Step
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import relay_until_quiet
from modules.catalog.contracts import OutOfStock
from modules.orders.handlers import HANDLERS
from modules.orders.logic import expiry
from modules.orders.logic.cancellation import CancelWish, cancel
from modules.orders.models import Order
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World, snapshot
from modules.payments.contracts import CancelOutcome, RefundExceedsCaptured
from modules.payments.events import PaymentCaptured

pytestmark = pytest.mark.django_db(transaction=True)

DB = "default"


def happens(event: Any) -> None:
    """As the inbox does it: all handlers in one transaction."""
    with atomic(Order):
        for handler in HANDLERS[type(event)]:
            handler(event)


def captured(order: Order, minor: int = 4488) -> PaymentCaptured:
    money = Money(minor=minor, currency="EUR")
    return PaymentCaptured(payment_id=new_id(), order_id=order.pk, purpose="order", captured=money)


def make_due() -> None:
    Step.objects.using(DB).filter(status="pending").update(next_attempt_at=clock.now())
    Saga.objects.using(DB).exclude(next_run_at=None).update(next_run_at=clock.now(), leased_until=None)


def parked() -> list[str]:
    return list(Step.objects.using(DB).filter(status="parked").values_list("name", flat=True))


def left_open() -> list[str]:
    still = Step.objects.using(DB).filter(status__in=["pending", "parked"]).order_by("position")
    return list(still.values_list("name", flat=True))


def overdue(**fields: Any) -> Order:
    order: Order = OrderFactory.create(payable_until=clock.now() - timedelta(seconds=1), **fields)
    return order


# ── checkout ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_first_request_taken_for_dead_does_not_keep_the_second_busy_for_ever(shop: World, check_out: Any) -> None:
    """The claim is taken over by a request that sees a newer cart; then the slow one goes on after all."""
    cart_id = shop.add_cart()
    first: list[Any] = []

    def taken_over() -> None:
        IdempotencyKey.objects.using(DB).update(claimed_until=clock.now() - timedelta(seconds=1))
        shop.carts[cart_id] = snapshot(cart_id, quantity=3, version=2)
        first.append(check_out(cart_id))
        shop.carts[cart_id] = snapshot(cart_id)

    shop.meanwhile["get_snapshot"] = taken_over
    second = check_out(cart_id)

    assert (first[0].status_code, second.status_code) == (201, 201)
    assert first[0].json()["order"]["id"] == second.json()["order"]["id"]
    assert Order.objects.get().status == "pending"


def test_a_refused_order_of_a_claim_that_was_taken_over_is_the_answer_to_both(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    shop.refuse["hold_stock"] = OutOfStock(lines=[])

    def taken_over() -> None:
        IdempotencyKey.objects.using(DB).update(claimed_until=clock.now() - timedelta(seconds=1))
        check_out(cart_id)

    shop.meanwhile["get_snapshot"] = taken_over

    assert check_out(cart_id).json()["code"] == "out_of_stock"
    assert Order.objects.get().status == "abandoned"


def test_a_changed_cart_waits_while_its_refused_order_is_being_undone(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    shop.refuse |= {"hold_stock": OutOfStock(lines=[]), "cancel_payment": Unavailable(dependency="payments")}
    assert check_out(cart_id, key="a").json()["code"] == "out_of_stock"
    shop.carts[cart_id] = snapshot(cart_id, quantity=1, version=2)

    waiting = check_out(cart_id, key="b")
    shop.refuse.clear()
    make_due()
    relay_until_quiet()

    assert (waiting.status_code, waiting.json()["code"]) == (503, "unavailable")
    assert check_out(cart_id, key="b").status_code == 201


def test_another_wish_waits_while_the_refused_order_of_its_cart_is_being_undone(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    shop.refuse |= {"hold_stock": OutOfStock(lines=[]), "cancel_payment": Unavailable(dependency="payments")}
    check_out(cart_id, key="a")

    waiting = check_out(cart_id, key="b", note="gift")

    assert (waiting.status_code, waiting.json()["code"]) == (503, "unavailable")


def test_an_order_that_expires_while_it_is_closed_for_a_newer_cart_is_closed(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    check_out(cart_id, key="a")
    shop.carts[cart_id] = snapshot(cart_id, quantity=3, version=2)
    shop.meanwhile["cancel_payment"] = lambda: Order.objects.update(status="expired")

    answer = check_out(cart_id, key="b")

    assert answer.status_code == 201
    assert answer.json()["order"]["lines"][0]["quantity"] == 3


def test_what_happened_before_the_placing_is_in_the_answer(shop: World, check_out: Any, api: Any) -> None:
    """The provider's webhook was quicker than our own transaction."""
    shop.meanwhile["start_payment"] = lambda: happens(captured(Order.objects.get()))

    placed = check_out(shop.add_cart()).json()["order"]

    token = placed.pop("access_token")
    assert api.get(f"/api/v1/orders/{placed['id']}/?token={token}").json() == placed
    assert (placed["status"], placed["payment_status"]) == ("confirmed", "paid")


def test_a_checkout_whose_time_is_over_is_undone_and_its_key_is_told_so_for_good(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    shop.refuse["hold_stock"] = Unavailable(dependency="catalog")
    assert check_out(cart_id, key="a").status_code == 503
    for step in Step.objects.using(DB).filter(name="orders.hold_stock"):
        step.arguments["payable_until"] = "2020-01-01T00:00:00Z"
        step.save(using=DB)
    make_due()
    relay_until_quiet()
    assert Order.objects.get().status == "abandoned"

    answers = [check_out(cart_id, key="a") for _ in range(2)]
    shop.refuse.clear()

    assert [answer.status_code for answer in answers] == [409, 409]
    assert check_out(cart_id, key="b").status_code == 201


def test_a_checkout_that_may_have_been_paid_is_not_called_off_before_that_is_known(shop: World, check_out: Any) -> None:
    cart_id = shop.add_cart()
    shop.refuse |= {"start_payment": Unavailable(dependency="payments")}
    check_out(cart_id, key="a")
    for step in Step.objects.using(DB).filter(name="orders.start_payment"):
        step.arguments["payable_until"] = "2020-01-01T00:00:00Z"
        step.save(using=DB)
    shop.cancel_outcome = CancelOutcome.UNKNOWN
    make_due()
    relay_until_quiet()

    assert check_out(cart_id, key="a").status_code == 503


def test_a_checkout_with_a_step_that_cannot_be_done_is_undone(shop: World, check_out: Any) -> None:
    """A fault that waiting does not mend must not keep a cart closed until somebody looks."""
    cart_id = shop.add_cart()

    def broken() -> None:
        raise RuntimeError("a bug")

    shop.meanwhile["hold_stock"] = broken
    with pytest.raises(RuntimeError):
        check_out(cart_id, key="a")
    for _ in range(backoff.ATTEMPTS_BEFORE_PARKING):
        shop.meanwhile["hold_stock"] = broken
        make_due()
        relay_until_quiet()
    shop.meanwhile.clear()

    assert (Order.objects.get().status, parked()) == ("abandoned", [])
    assert check_out(cart_id, key="b").status_code == 201


# ── what ends an order, and money ────────────────────────────────────────────────────────────────────────────────────


def test_a_capture_heard_of_after_its_refund_asks_for_nothing_more(shop: World, check_out: Any) -> None:
    """Cancelled and refunded before the capture's own event comes: then nothing is left to give back."""
    order = Order.objects.get(pk=check_out(shop.add_cart()).json()["order"]["id"])
    shop.cancel_outcome = CancelOutcome.CAPTURED
    cancel(order.pk, CancelWish(), actor="guest")
    shop.refuse["refund_order"] = RefundExceedsCaptured()

    happens(captured(order))
    relay_until_quiet()

    assert left_open() == []


def test_a_refund_that_another_one_overtook_is_asked_for_again(shop: World, check_out: Any) -> None:
    order = Order.objects.get(pk=check_out(shop.add_cart()).json()["order"]["id"])
    Order.objects.update(status="cancelled")
    shop.refuse["refund_order"] = RefundExceedsCaptured(requested=4488)
    happens(captured(order))
    relay_until_quiet()
    assert left_open() == ["orders.refund_everything"]

    shop.refuse.clear()
    make_due()
    relay_until_quiet()

    assert left_open() == []


def test_each_capture_that_comes_after_the_end_goes_back(shop: World, check_out: Any) -> None:
    order = Order.objects.get(pk=check_out(shop.add_cart()).json()["order"]["id"])
    Order.objects.update(status="cancelled")

    for minor in (2000, 4488, 4488):
        happens(captured(order, minor))
        relay_until_quiet()

    refunds = [arguments["reference"] for name, arguments in shop.asked if name == "refund_order"]
    assert len(refunds) == len(set(refunds)) == 2


def test_an_order_that_expired_and_was_revived_gives_everything_back_when_it_is_cancelled(
    shop: World, check_out: Any
) -> None:
    order = Order.objects.get(pk=check_out(shop.add_cart()).json()["order"]["id"])
    Order.objects.update(payable_until=clock.now() - timedelta(seconds=1))
    expiry.expire_due()
    relay_until_quiet()
    happens(captured(order))
    relay_until_quiet()
    order.refresh_from_db()
    assert order.status == "confirmed"
    shop.cancel_outcome = CancelOutcome.CAPTURED
    shop.asked.clear()

    cancel(order.pk, CancelWish(), actor="guest")

    assert shop.names() == ["release_hold", "cancel_payment", "release_redemption", "refund_order"]
    assert shop.asked[0][1]["order_id"] == str(order.stock_reference)


def test_a_parked_step_does_not_keep_a_cancelled_order_from_its_money(shop: World, check_out: Any) -> None:
    order = Order.objects.get(pk=check_out(shop.add_cart()).json()["order"]["id"])
    happens(captured(order))
    Step.objects.using(DB).filter(name="orders.commit_stock").update(status="parked")
    shop.cancel_outcome = CancelOutcome.CAPTURED
    shop.asked.clear()

    cancel(order.pk, CancelWish(), actor="guest")
    relay_until_quiet()

    assert shop.names() == ["release_hold", "cancel_payment", "release_redemption", "refund_order"]


def test_money_that_comes_while_the_order_is_closed_confirms_it(shop: World) -> None:
    """Between the answer that the payment is closed and the order's expiry, a capture arrives nevertheless."""
    order = overdue()
    shop.meanwhile["cancel_payment"] = lambda: happens(captured(order))

    expiry.expire_due()
    relay_until_quiet()

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert "release_hold" not in shop.names()


def test_a_driver_that_lost_its_lease_does_not_let_go_what_the_other_one_took(shop: World) -> None:
    """Two drivers take an expired order's stock again under one reference: the late one must not release it."""
    order = OrderFactory.create(status="expired")
    happens(captured(order))

    def other_driver() -> None:
        Saga.objects.using(DB).update(leased_until=clock.now() - timedelta(seconds=1))
        lease = claim("orders", order.pk)
        assert lease is not None
        driver.drive(lease, patient=True)

    shop.meanwhile["hold_stock"] = other_driver
    relay_until_quiet()

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "paid")
    assert "release_hold" not in shop.names()
    assert "refund_order" not in shop.names()


def test_orders_that_cannot_expire_do_not_keep_others_from_expiring(shop: World) -> None:
    for _ in range(2):
        overdue(captured_minor=1, payment_status="partially_paid")
    shop.cancel_outcome = CancelOutcome.CAPTURED
    assert expiry.expire_due(limit=2) == 2
    relay_until_quiet()
    shop.cancel_outcome = CancelOutcome.CANCELLED
    last = OrderFactory.create(payable_until=clock.now())

    expiry.expire_due(limit=2)
    relay_until_quiet()

    last.refresh_from_db()
    assert last.status == "expired"
