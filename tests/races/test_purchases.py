"""Many buyers at once, on real PostgreSQL and Redis: nothing is sold twice, nobody is turned away without need."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any, cast
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from rest_framework.test import APIClient

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import relay_until_quiet
from tests.journeys.buyer import ADDRESS, DEMO_PRODUCT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="a purchase needs every module"),
]


@pytest.fixture(autouse=True)
def shop(transactional_db: None) -> Iterator[None]:
    with override_settings(DEBUG=True):
        call_command("seed", products=3, verbosity=0)
    yield
    relay_until_quiet()
    call_command("check_invariants", verbosity=0)


def at_once(work: list[Callable[[], Any]]) -> list[Any]:
    """Run everything in threads that start together; the answers in order."""
    gate = Barrier(len(work))

    def run(one: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return one()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))


def variant() -> dict[str, Any]:
    found: dict[str, Any] = APIClient().get(f"/api/v1/catalog/products/{DEMO_PRODUCT}/").json()["variants"][0]
    return found


def stock_up(variant_id: str, on_hand: int) -> None:
    staff = APIClient()
    principal = Principal(id=new_id(), is_staff=True, scopes=frozenset({"*"}))
    staff.force_authenticate(cast(Any, principal))
    answer = staff.post(f"/api/v1/catalog/variants/{variant_id}/stock/", {"on_hand": on_hand, "reason": "corrected"})
    assert answer.status_code < 300, answer.content


def new_cart(variant_id: str, quantity: int = 1) -> str:
    client = APIClient()
    cart_id: str = client.post("/api/v1/carts/", {}).json()["id"]
    added = client.post(f"/api/v1/carts/{cart_id}/items/", {"variant_id": variant_id, "quantity": quantity})
    assert added.status_code == 200, added.content
    return cart_id


def check_out(cart_id: str, key: str) -> Any:
    body = {
        "cart_id": cart_id,
        "email": "ada@example.com",
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "payment": {"provider": "sandbox", "method": "sandbox_ok"},
    }
    return APIClient().post("/api/v1/checkout/", body, headers={"Idempotency-Key": key})


def orders_placed() -> int:
    from modules.orders.models import Order  # only where orders is installed

    return Order.objects.exclude(status__in=Order.INTERNAL).count()


def test_of_64_buyers_for_5_units_exactly_5_get_one() -> None:
    bought = variant()["id"]
    carts = [new_cart(bought) for _ in range(64)]
    stock_up(bought, 5)

    answers = at_once([partial(check_out, cart, key=f"key-{cart}") for cart in carts])

    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 59}
    refusals = [answer.json() for answer in answers if answer.status_code == 409]
    assert {refusal["code"] for refusal in refusals} == {"out_of_stock"}
    assert orders_placed() == 5


def test_of_16_buyers_with_a_coupon_for_5_exactly_5_use_it_and_nothing_of_the_others_stays() -> None:
    from modules.cart.logic.promotions import make_promotion  # only where cart is installed

    promotion = make_promotion(title="Half", kind="percentage", value="50", code="HALF", usage_limit=5)
    bought = variant()["id"]
    stock_up(bought, 100)
    carts = [new_cart(bought) for _ in range(16)]
    for cart in carts:
        assert APIClient().post(f"/api/v1/carts/{cart}/coupons/", {"code": "half"}).status_code == 200

    answers = at_once([partial(check_out, cart, key=f"key-{cart}") for cart in carts])

    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 11}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"coupon_exhausted"}
    promotion.refresh_from_db()
    assert (promotion.used, orders_placed()) == (5, 5)


def test_one_key_32_times_at_once_is_one_order() -> None:
    cart = new_cart(variant()["id"])

    answers = at_once([lambda: check_out(cart, key="the-key")] * 32)

    placed = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code != 201]
    assert {answer.json()["code"] for answer in waiting} <= {"idempotency_in_progress"}
    assert len({answer.content for answer in placed}) == 1
    assert orders_placed() == 1


def test_one_cart_with_32_keys_is_one_order() -> None:
    cart = new_cart(variant()["id"])

    answers = at_once([partial(check_out, cart, key=f"key-{number}") for number in range(32)])

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["order"]["id"] for answer in answers}) == 1
    assert orders_placed() == 1


def test_16_adds_to_one_cart_at_once_lose_nothing() -> None:
    added = variant()["id"]
    client = APIClient()
    cart = client.post("/api/v1/carts/", {}).json()["id"]

    answers = at_once(
        [lambda: APIClient().post(f"/api/v1/carts/{cart}/items/", {"variant_id": added, "quantity": 1}).status_code]
        * 16
    )

    assert answers == [200] * 16
    items = client.get(f"/api/v1/carts/{cart}/").json()["items"]
    assert [(UUID(item["variant_id"]), item["quantity"]) for item in items] == [(UUID(added), 16)]


def test_a_checkout_and_a_change_of_the_cart_at_once_order_one_version_of_it() -> None:
    bought = variant()["id"]
    cart = new_cart(bought)

    placed, _ = at_once(
        [
            lambda: check_out(cart, key="key"),
            lambda: APIClient().post(f"/api/v1/carts/{cart}/items/", {"variant_id": bought, "quantity": 2}),
        ]
    )

    assert placed.status_code == 201
    assert placed.json()["order"]["lines"][0]["quantity"] in (1, 3)
    assert orders_placed() == 1
