"""Carts for `benchmarks.carts`: of guests and of users who are signed in, filled, with a code in them or without; what
is offered meanwhile; and what is done with the carts.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from benchmarks.client import Client, Wrong
from benchmarks.flows import STAFF, Goods

PASSWORD = "correct horse battery staple"  # noqa: S105  (of accounts that this run makes)
PROMOTIONS = "/carts/promotions/"
CODE, BY_CODE = "BENCH", "a promotion by code"
# A line holds 999: a cart of ten lines takes so many more, then the next one is the busy one.
ADDS_OF_A_CART = 5000

_PERCENT = {"kind": "percentage", "title": "Percent"}
AUTOMATIC: list[dict[str, Any]] = [
    *({**_PERCENT, "value": str(percent), "priority": percent} for percent in range(1, 7)),
    *({**_PERCENT, "value": "15", "stackable": False} for _ in range(2)),
    *({"kind": "fixed", "title": "Fixed", "value": f"{euros}.00", "currency": "EUR"} for euros in range(1, 5)),
    *({"kind": "buy_x_get_y", "title": "Third", "buy_quantity": 2, "get_quantity": free} for free in range(1, 5)),
    *({"kind": "tiered", "title": "More", "tiers": [{"quantity": many, "percent": "2"}]} for many in range(1, 5)),
]
OFFERED: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    f"{len(AUTOMATIC)} promotions by themselves": AUTOMATIC,
    BY_CODE: [{**_PERCENT, "value": "10", "code": CODE}],
}


@dataclass(frozen=True)
class Cart:
    """Where a cart is, and what its holder says of himself."""

    path: str
    holder: dict[str, Any]


@dataclass(frozen=True)
class Carts:
    """The carts of one question, and what is added to them."""

    carts: list[Cart]
    variants: list[str]
    _own: dict[Client, Cart] = field(default_factory=dict)
    _order: Iterator[int] = field(default_factory=count)

    def own(self, client: Client) -> Cart:
        """This client's, and no other's who is there at the same time, while there are as many carts as clients."""
        if client not in self._own:
            self._own[client] = self.carts[next(self._order) % len(self.carts)]
        return self._own[client]

    def busy(self, turn: int) -> Cart:
        """Everybody's."""
        return self.carts[turn // ADDS_OF_A_CART % len(self.carts)]


def read(client: Client, carts: Carts, turn: int) -> None:
    """A cart as it is."""
    cart = carts.carts[turn % len(carts.carts)]
    if b'"items":[{' not in client.exchange("GET", cart.path, **cart.holder):
        raise Wrong("a cart with nothing in it")


def add_to_own(client: Client, carts: Carts, turn: int) -> None:
    """One more of something that is in the client's own cart."""
    _add(client, carts.own(client), carts.variants[turn % len(carts.variants)])


def add_to_one(client: Client, carts: Carts, turn: int) -> None:
    """One more of something that is in everybody's cart."""
    _add(client, carts.busy(turn), carts.variants[turn % len(carts.variants)])


def open_carts(client: Client, goods: Goods, *, number: int, lines: int, of_users: bool, coded: bool) -> Carts:
    """So many carts with so many lines each, of guests or of users."""
    variants = [goods.variant(turn) for turn in range(lines)]
    if len(set(variants)) < lines:
        raise Wrong(f"only {len(set(variants))} products for {lines} lines: seed more of them")
    holders = [_sign_in(client, number) if of_users else {} for number in range(number)]
    return Carts([_fill(client, holder, variants, coded=coded) for holder in holders], variants)


@contextmanager
def offering(client: Client, offered: str) -> Iterator[None]:
    """With these promotions, and none after that."""
    made = [client.post(PROMOTIONS, body, expect=201, **_staff(client)) for body in OFFERED[offered]]
    yield
    for promotion in made:
        client.exchange("DELETE", f"{PROMOTIONS}{promotion['id']}/", expect=204, **_staff(client))


def check(client: Client, goods: Goods, offered: str) -> None:
    """A cart of ten lines has them all, and what is offered is taken off."""
    for of_users in (False, True):
        carts = open_carts(client, goods, number=1, lines=10, of_users=of_users, coded=offered == BY_CODE)
        (cart,) = carts.carts
        answer = json.loads(client.exchange("GET", cart.path, **cart.holder))
        right = [item["variant_id"] for item in answer["items"]] == carts.variants
        right &= answer["coupons"] == ([CODE] if offered == BY_CODE else [])
        right &= (float(answer["discount_total"]["amount"]) > 0) == (offered != "nothing")
        if not right or answer["warnings"]:
            raise Wrong(f"a cart, offered {offered}: {answer}")


def _add(client: Client, cart: Cart, variant: str) -> None:
    client.post(f"{cart.path}items/", {"variant_id": variant, "quantity": 1}, **cart.holder)


def _fill(client: Client, holder: dict[str, Any], variants: list[str], *, coded: bool) -> Cart:
    """A new cart; a user has one, so the one he had goes."""
    cart = _open(client, holder)
    if holder:
        client.exchange("DELETE", cart.path, expect=204, **holder)
        cart = _open(client, holder)
    for variant in variants:
        _add(client, cart, variant)
    if coded:
        client.post(f"{cart.path}coupons/", {"code": CODE}, **holder)
    return cart


def _open(client: Client, holder: dict[str, Any]) -> Cart:
    made = client.post("/carts/", {"currency": "EUR"}, expect=201, **holder)
    return Cart(f"/carts/{made['id']}/", holder)


def _sign_in(client: Client, number: int) -> dict[str, Any]:
    """Of a user who is registered, anew each time: a token is good for ten minutes."""
    return _bearer(client, {"email": f"bench-{number}@example.com", "password": PASSWORD})


def _staff(client: Client) -> dict[str, Any]:
    return _bearer(client, STAFF)


def _bearer(client: Client, who: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.post('/users/token/', who)['access']}"}


def register(client: Client, number: int) -> None:
    """So many users."""
    for each in range(number):
        body = {"email": f"bench-{each}@example.com", "password": PASSWORD}
        client.exchange("POST", "/users/register/", body, expect=201)
