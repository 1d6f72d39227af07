"""Redis goes away and comes back empty: carts wait, everything else goes on, and nobody who is signed in loses his."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from modules.cart.tests.redis_server import RedisServer
from tests.journeys.buyer import Buyer
from tests.shop import COMMANDS, RunningShop

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(300)]
PASSWORD = "a long enough pass phrase"


@pytest.fixture
def redis_of_its_own(killable_shop: RunningShop, tmp_path: Path) -> Iterator[RedisServer]:
    """The whole shop, with a Redis that may be stopped."""
    server, before = RedisServer(tmp_path), killable_shop.environment
    server.start()
    broker = server.url.removesuffix("0") + "1"
    _restart(killable_shop, before | {"REDIS_URL": server.url, "CELERY_BROKER_URL": broker})
    yield server
    server.stop()
    _restart(killable_shop, before)


def _restart(shop: RunningShop, environment: dict[str, str]) -> None:
    for name in list(shop.processes):
        shop.kill(name)
    shop.environment = environment
    for name in COMMANDS:
        shop.start(name)
    shop.wait_until_ready()


def wait_until_saved(shop: RunningShop, cart_id: str, version: int) -> None:
    deadline = time.monotonic() + 30
    saved = "SELECT (basket ->> 'version')::int FROM cart_savedcart WHERE cart_id = %s"
    while shop.rows(saved, cart_id) != [(version,)]:
        assert time.monotonic() < deadline, "the cart is not written behind"
        time.sleep(0.1)


def test_carts_wait_and_the_rest_goes_on(killable_shop: RunningShop, redis_of_its_own: RedisServer) -> None:
    with Buyer(killable_shop.url) as guest, Buyer(killable_shop.url) as user:
        email = f"{uuid4().hex}@example.com"
        user.post("/users/register/", {"email": email, "password": PASSWORD})
        user.sign_in(email, PASSWORD)
        placed = guest.check_out(guest.new_cart()).json()
        guest.wait_for(placed, status="confirmed")
        guests, users = guest.new_cart(quantity=2), user.new_cart(quantity=3)
        before = user.get("/carts/mine/")
        wait_until_saved(killable_shop, users, before["version"])

        redis_of_its_own.stop()

        for buyer, path in ((guest, f"/carts/{guests}/"), (user, "/carts/mine/"), (user, f"/carts/{users}/")):
            down = buyer.http.get(path)
            assert (down.status_code, down.headers["Retry-After"]) == (503, "2"), down.text
            assert down.json()["code"] == "unavailable"
        assert len(guest.get("/catalog/products/", limit=5)["results"]) == 5
        assert guest.order(placed)["status"] == "confirmed"
        assert user.get("/orders/")["results"] == []

        redis_of_its_own.start()
        killable_shop.wait_until_ready()

        assert guest.http.get(f"/carts/{guests}/").status_code == 404
        back = user.get("/carts/mine/")
        assert (back["id"], back["items"], back["total"]) == (users, before["items"], before["total"])
        user.wait_for(user.check_out(users, email=email).json(), status="confirmed")
    killable_shop.manage("check_invariants")
