"""Paying, cancelling, expiring and ordering anew at once: each order ends one way, and the money agrees with it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache, partial
from typing import Any

import httpx2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import override_settings
from rest_framework.test import APIClient

from ecommerce.kernel import clock, driver, inbox, outbox
from ecommerce.kernel.models import InboxEvent, Saga, Step
from ecommerce.kernel.testing import relay_until_quiet
from tests.races.test_purchases import at_once, check_out, new_cart, stock_up, variant

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="a purchase needs every module"),
]

DB = "default"
ORDERS = 12
ON_HAND = 100

ENDS = """
    SELECT o.status, payment.status, payment.captured_minor = o.captured_minor,
           payment.refunded_minor = o.refunded_minor, hold.status, count(*)
    FROM orders_order o JOIN payments_payment payment ON payment.order_id = o.id
    JOIN catalog_stockhold hold ON hold.order_id = o.stock_reference
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2
"""
ENDINGS = {
    ("confirmed", "captured", True, True, "committed"),
    ("cancelled", "cancelled", True, True, "released"),
    # Cancelled before or after its stock was sold: then it was returned.
    ("cancelled", "refunded", True, True, "released"),
    ("cancelled", "refunded", True, True, "committed"),
    ("expired", "cancelled", True, True, "released"),
}


@pytest.fixture(autouse=True)
def shop(transactional_db: None) -> Iterator[None]:
    with override_settings(DEBUG=True):
        call_command("seed", products=1, verbosity=0)
    application()
    yield
    call_command("check_invariants", verbosity=0)


def query(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@cache
def application() -> Any:
    """The shop's own; made before threads start, since making it sets up the logging, for all of them."""
    return get_wsgi_application()


def deliver_webhooks() -> None:
    from modules.payments.logic.providers import sandbox_webhooks  # only where payments is installed

    sandbox_webhooks.deliver_due(httpx2.WSGITransport(app=application()))


def relay() -> None:
    for _ in range(40):
        outbox.hand_over(DB)
        inbox.drain(DB)
        driver.run_due(DB)


def expire(order: dict[str, Any]) -> None:
    from modules.orders.logic import expiry  # only where orders is installed
    from modules.orders.models import Order

    Order.objects.filter(pk=order["id"]).update(payable_until=clock.now() - timedelta(seconds=1))
    expiry.expire_due()


def cancel(order: dict[str, Any]) -> int:
    answer = APIClient().post(f"/api/v1/orders/{order['id']}/cancel/?token={order['access_token']}", {})
    return int(answer.status_code)


def order_anew(cart_id: str, variant_id: str) -> int:
    APIClient().post(f"/api/v1/carts/{cart_id}/items/", {"variant_id": variant_id, "quantity": 1})
    return int(check_out(cart_id, key=f"again-{cart_id}").status_code)


def come_to_rest() -> None:
    for _ in range(6):
        Step.objects.using(DB).filter(status="pending").update(next_attempt_at=clock.now())
        Saga.objects.using(DB).exclude(next_run_at=None).update(next_run_at=clock.now())
        InboxEvent.objects.using(DB).filter(handled_at=None).update(next_attempt_at=clock.now())
        deliver_webhooks()
        relay_until_quiet()


@pytest.mark.parametrize("attempt", range(2))
def test_every_order_ends_one_way_and_the_money_agrees(attempt: int) -> None:
    bought = variant()["id"]
    stock_up(bought, ON_HAND)
    carts = [new_cart(bought) for _ in range(ORDERS)]
    placed = [check_out(cart, key=f"key-{cart}").json()["order"] for cart in carts]
    what: list[Callable[[], Any]] = [relay, relay, deliver_webhooks, deliver_webhooks]
    for number, (cart, order) in enumerate(zip(carts, placed, strict=True)):
        one_of: list[Callable[[], Any]] = [
            partial(cancel, order),
            partial(expire, order),
            partial(order_anew, cart, bought),
        ]
        what.append(one_of[number % len(one_of)])
        if number >= ORDERS // 2:
            what += [partial(cancel, order), partial(expire, order)]

    answers = at_once(what)
    come_to_rest()

    assert {answer for answer in answers if answer is not None} <= {200, 201, 404, 409, 503}
    assert list(Step.objects.using(DB).filter(status__in=["pending", "parked"]).values_list("name", "last_error")) == []
    assert list(InboxEvent.objects.using(DB).filter(handled_at=None).values_list("name", "last_error")) == []
    ends = query(ENDS)
    assert {row[:5] for row in ends} <= ENDINGS, ends
    # Each order that was placed is among them: none is without its hold or its payment.
    placed_in_all = query("SELECT count(*) FROM orders_order WHERE number IS NOT NULL")
    assert [(sum(row[5] for row in ends),)] == placed_in_all
    assert query("SELECT sum(held) FROM catalog_stocklevel") == [(0,)]
