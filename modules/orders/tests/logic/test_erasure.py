"""What becomes of a customer's orders when the account is erased."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel import denials
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import OutboxEvent
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import relay_until_quiet
from modules.orders.handlers import HANDLERS
from modules.orders.logic import records, states, tokens
from modules.orders.logic.cancellation import CancelWish, cancel
from modules.orders.models import Order, TimelineEntry
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World
from modules.payments.events import PaymentCaptured
from modules.users.events import UserErased

pytestmark = pytest.mark.django_db(transaction=True)

BLANK = {"full_name": "", "line1": "", "city": "", "postal_code": "", "country": "DE"}


def happens(event: Any) -> None:
    """As the inbox does it: all handlers in one transaction."""
    with atomic(Order):
        for handler in HANDLERS[type(event)]:
            handler(event)


def erased(user_id: Any) -> None:
    happens(UserErased(user_id=user_id))


def order_of(user_id: Any, **fields: Any) -> Order:
    order: Order = OrderFactory.create(customer_id=user_id, note="Ring twice", vat_id="DE136695976", **fields)
    TimelineEntry.objects.create(
        order=order, at=order.created_at, event="noted", actor="guest", detail={"reason": "Ada moves", "code": "x"}
    )
    return order


def personal(order: Order) -> tuple[Any, ...]:
    order.refresh_from_db()
    return order.email, order.shipping_address, order.billing_address, order.vat_id, order.note, order.fingerprint


def announced() -> list[Any]:
    rows = OutboxEvent.objects.using("default").filter(name="orders.OrderAnonymised")
    return list(rows.order_by("position").values_list("aggregate_id", flat=True))


@pytest.mark.parametrize("status", ["cancelled", "expired", "delivered", "abandoned"])
def test_a_final_order_names_nobody_any_more_and_keeps_its_figures(shop: World, status: str) -> None:
    user_id = new_id()
    order = order_of(user_id, status=status, refusal={"code": "a", "status": 409, "detail": "Ada", "details": {"b": 1}})
    token = tokens.access_token(order.pk, order.token_generation)

    erased(user_id)

    assert personal(order) == ("", BLANK, BLANK, "", "", "")
    assert order.refusal == {"code": "a", "status": 409, "detail": "", "details": {}}
    assert (order.total_minor, order.customer_id, order.lines.count()) == (4488, user_id, 1)
    assert not tokens.opens(order, token)
    assert order.timeline.get(event="noted").detail == {"code": "x"}
    assert announced() == [order.pk]


def test_an_order_under_way_forgets_its_buyer_with_its_last_move(shop: World) -> None:
    user_id = new_id()
    order = order_of(user_id, status="confirmed")
    token = tokens.access_token(order.pk, order.token_generation)
    before = personal(order)

    erased(user_id)

    assert personal(order) == before
    assert tokens.opens(order, token)
    (told,) = records.get_orders(ids=[order.pk])
    assert (told.email, told.shipping_address["city"]) == ("ada@example.com", "Berlin")
    assert announced() == []

    for status in ("shipped", "delivered"):
        with atomic(Order):
            states.move(states.lock(order.pk), status, detail={"signed_by": "Ada Lovelace"})
    assert personal(order) == ("", BLANK, BLANK, "", "", "")
    assert not tokens.opens(order, token)
    # Ids of one millisecond are in no order.
    assert sorted(str(entry.detail) for entry in order.timeline.all()) == sorted(map(str, [{}, {"code": "x"}, {}, {}]))
    assert announced() == [order.pk]


def test_a_reason_given_while_cancelling_is_forgotten_with_the_order(shop: World) -> None:
    user_id = new_id()
    order = order_of(user_id)
    erased(user_id)

    cancel(order.pk, CancelWish(reason="Ada Lovelace does not live here any more"), actor="guest")
    relay_until_quiet()

    assert personal(order) == ("", BLANK, BLANK, "", "", "")
    assert order.timeline.get(event="cancelled").detail == {}
    assert sorted(shop.names()) == ["cancel_payment", "forget_payer", "release_hold", "release_redemption"]
    assert ("forget_payer", {"order_id": str(order.pk)}) in shop.asked
    assert announced() == [order.pk]


def test_what_the_timeline_may_go_on_telling_is_not_written_again(shop: World) -> None:
    user_id = new_id()
    order = order_of(user_id, status="delivered")
    for amount in ("10.00", "20.00"):
        states.note(order, "payment_captured", detail={"amount": amount, "currency": "EUR"})

    with CaptureQueriesContext(connections["default"]) as asked:
        erased(user_id)

    assert sum("UPDATE" in query["sql"] and "orders_timelineentry" in query["sql"] for query in asked) == 1
    captured = order.timeline.filter(event="payment_captured").values_list("detail__amount", flat=True)
    assert sorted(captured) == ["10.00", "20.00"]


def test_hearing_it_again_changes_nothing_but_what_came_in_between(shop: World) -> None:
    user_id = new_id()
    first = order_of(user_id, status="cancelled")
    erased(user_id)
    version = Order.objects.get(pk=first.pk).version
    late = order_of(user_id, status="cancelled")

    erased(user_id)

    assert Order.objects.get(pk=first.pk).version == version
    assert personal(late) == ("", BLANK, BLANK, "", "", "")
    assert announced() == [first.pk, late.pk]


def test_others_orders_stay_as_they_are(shop: World) -> None:
    guests, others = order_of(None, status="delivered"), order_of(new_id(), status="delivered")
    before = [personal(guests), personal(others)]

    erased(new_id())

    assert [personal(guests), personal(others)] == before
    assert announced() == []


def test_money_for_an_expired_order_of_an_erased_customer_goes_back(shop: World, check_out: Any) -> None:
    user_id = new_id()
    order_id = check_out(shop.add_cart()).json()["order"]["id"]
    Order.objects.filter(pk=order_id).update(status="expired", customer_id=user_id)
    erased(user_id)
    shop.asked.clear()

    money = Money(minor=4488, currency="EUR")
    happens(PaymentCaptured(payment_id=new_id(), order_id=Order(pk=order_id).pk, purpose="order", captured=money))
    relay_until_quiet()

    assert Order.objects.get(pk=order_id).status == "expired"
    assert sorted(shop.names()) == ["forget_payer", "refund_order"]


def test_an_order_that_is_being_revived_when_its_customer_is_erased_is_not(shop: World, check_out: Any) -> None:
    user_id = new_id()
    order_id = check_out(shop.add_cart()).json()["order"]["id"]
    Order.objects.filter(pk=order_id).update(status="expired", customer_id=user_id)
    shop.asked.clear()
    shop.meanwhile["hold_stock"] = lambda: erased(user_id)

    money = Money(minor=4488, currency="EUR")
    happens(PaymentCaptured(payment_id=new_id(), order_id=Order(pk=order_id).pk, purpose="order", captured=money))
    relay_until_quiet()

    assert Order.objects.get(pk=order_id).status == "expired"
    names = [name for name in shop.names() if name != "forget_payer"]
    assert names == ["hold_stock", "release_hold", "release_redemption", "refund_order"]


def test_the_customers_tokens_are_refused_here_too(shop: World) -> None:
    user_id = new_id()
    erased(user_id)
    assert denials.is_denied(user_id)


def test_an_order_cancelled_at_the_moment_of_the_erasure_is_anonymised_once(shop: World) -> None:
    for _ in range(4):
        user_id = new_id()
        order = order_of(user_id)
        gate = Barrier(2)

        def at_once(call: Any, gate: Barrier = gate) -> None:
            gate.wait(timeout=10)
            try:
                call()
            finally:
                connections.close_all()

        calls = [partial(erased, user_id), partial(cancel, order.pk, CancelWish(reason="Ada moves"), actor="guest")]
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(at_once, calls))
        relay_until_quiet()

        assert personal(order) == ("", BLANK, BLANK, "", "", "")
        assert order.status == "cancelled"
        assert order.timeline.get(event="cancelled").detail == {}
        assert announced().count(order.pk) == 1
