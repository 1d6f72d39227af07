"""Processes that die half way: what was promised is kept when they are back."""

import time
from pathlib import Path
from uuid import uuid4

import pytest

from tests.journeys.buyer import Buyer
from tests.shop import RunningShop

pytestmark = [
    pytest.mark.xdist_group("faults"),
    # Leases of killed processes run out after a minute; a slow machine may see two of them, one after the other.
    pytest.mark.timeout(300),
]


def mails_about(shop: RunningShop, number: str) -> int:
    return sum(number in mail.read_text() for mail in Path(shop.environment["MAIL_DIR"]).glob("*"))


def wait_for_mail(shop: RunningShop, number: str) -> None:
    deadline = time.monotonic() + 30
    while not mails_about(shop, number):
        assert time.monotonic() < deadline, f"no mail about {number}"
        time.sleep(0.2)


def wait_for_entries(shop: RunningShop, order_id: str) -> None:
    """Money in, and the sale: what is recognised is so a step after the order is confirmed."""
    deadline = time.monotonic() + 100
    while [count for _, count in entries_of(shop, order_id)] != [1, 1]:
        assert time.monotonic() < deadline, entries_of(shop, order_id)
        time.sleep(0.2)


def entries_of(shop: RunningShop, order_id: str) -> list[tuple[str, int]]:
    return shop.rows(
        "SELECT posting.kind, count(*) FROM payments_posting posting JOIN payments_payment payment"
        " ON payment.id = posting.payment_id WHERE payment.order_id = %s GROUP BY 1 ORDER BY 1",
        order_id,
    )


def test_worker_and_relay_killed_between_payment_and_confirmation_lose_nothing(killable_shop: RunningShop) -> None:
    with Buyer(killable_shop.url) as buyer:
        cart_id = buyer.new_cart()
        killable_shop.kill("worker")
        killable_shop.kill("relay")
        placed = buyer.check_out(cart_id)
        assert placed.status_code == 201, placed.text
        assert buyer.order(placed.json())["status"] == "pending"

        killable_shop.start("worker")
        killable_shop.start("relay")
        order = buyer.wait_for(placed.json(), status="confirmed", payment_status="paid")

    wait_for_mail(killable_shop, order["number"])
    assert mails_about(killable_shop, order["number"]) == 1
    wait_for_entries(killable_shop, order["id"])
    killable_shop.manage("check_invariants")


def test_a_relay_killed_again_and_again_confirms_every_order_once(killable_shop: RunningShop) -> None:
    with Buyer(killable_shop.url) as buyer:
        placed = []
        for number in range(8):
            answer = buyer.check_out(buyer.new_cart())
            assert answer.status_code == 201, answer.text
            placed.append(answer.json())
            if number % 2:
                killable_shop.kill("relay")
                killable_shop.start("relay")
        orders = [buyer.wait_for(one, status="confirmed", payment_status="paid") for one in placed]

    assert all(entry["timeline"][-1]["event"] == "confirmed" for entry in orders)
    for order in orders:
        wait_for_entries(killable_shop, order["id"])
    killable_shop.manage("check_invariants")


def test_a_web_server_killed_in_the_middle_of_checkouts_leaves_whole_orders_or_none(killable_shop: RunningShop) -> None:
    import threading

    import httpx2

    answers: dict[str, str] = {}

    def buy(cart_id: str, key: str) -> None:
        with Buyer(killable_shop.url) as buyer:
            try:
                answer = buyer.check_out(cart_id, key=key)
                answers[key] = str(answer.status_code)
            except httpx2.TransportError:
                answers[key] = "lost"

    with Buyer(killable_shop.url) as buyer:
        carts = {str(uuid4()): buyer.new_cart() for _ in range(8)}
    threads = [threading.Thread(target=buy, args=(cart, key)) for key, cart in carts.items()]
    for thread in threads:
        thread.start()
    time.sleep(0.15)
    killable_shop.kill("web")
    for thread in threads:
        thread.join()
    killable_shop.start("web")
    killable_shop.wait_until_ready()

    # Each storefront repeats with its own key and ends with one confirmed order.
    with Buyer(killable_shop.url) as buyer:
        for key, cart in carts.items():
            deadline = time.monotonic() + 100
            while (answer := buyer.check_out(cart, key=key)).status_code != 201:
                assert answer.status_code in (409, 503), answer.text
                assert time.monotonic() < deadline, answer.text
                time.sleep(1)
            buyer.wait_for(answer.json(), status="confirmed")
    live = killable_shop.rows("SELECT cart_id, count(*) FROM orders_order WHERE status = 'confirmed' GROUP BY 1")
    assert {str(cart): count for cart, count in live if str(cart) in carts.values()} == dict.fromkeys(carts.values(), 1)
    killable_shop.manage("check_invariants")


def test_without_redis_events_and_steps_go_on(killable_shop: RunningShop) -> None:
    """The relay's sweep needs no Redis: what was written before Redis went away still reaches its listeners."""
    with Buyer(killable_shop.url) as buyer:
        cart_id = buyer.new_cart()
        killable_shop.stop("relay")
        placed = buyer.check_out(cart_id).json()
        time.sleep(2)
        environment = killable_shop.environment
        killable_shop.environment = environment | {"REDIS_URL": "redis://127.0.0.1:1/0"}
        killable_shop.start("relay")
        try:
            buyer.wait_for(placed, payment_status="paid")
        finally:
            killable_shop.stop("relay")
            killable_shop.environment = environment
            killable_shop.start("relay")
        buyer.wait_for(placed, status="confirmed")
