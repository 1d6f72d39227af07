"""Orders, stock and payments driven together, by everything that anybody may do, in whatever order it comes.

Every few steps the shop comes to rest: then each invariant holds, orders and payments tell the same amounts, and on the
shelf lies what was not sold or came back. `ORDER_MACHINE_STEPS=1000 make test ARGS="tests/machines -n0"` looks longer.
"""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from rest_framework.test import APIClient

from ecommerce.kernel import clock, registry
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import relay_until_quiet
from tests.races.test_endings import come_to_rest, deliver_webhooks
from tests.races.test_purchases import new_cart, stock_up, variant

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(django_settings.REMOTE_MODULES), reason="a purchase needs every module"),
]

STEPS = int(os.environ.get("ORDER_MACHINE_STEPS", "120"))
STEPS_AT_ONCE = 60
ON_HAND = 100_000
# What a refusal may be: never an error of ours.
REFUSALS = {400, 409, 503}

METHODS = ["sandbox_ok", "sandbox_ok", "sandbox_3ds", "sandbox_declined", "sandbox_timeout"]
ADDRESS = {
    "full_name": "Ada Lovelace",
    "line1": "Unter den Linden 1",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}

# Orders are named by how long ago they were placed: what was just placed is where most happens.
which = st.integers(0, 5)
few = st.integers(1, 3)
# What counts as an order's money is that of its own payment and of those of its edits that took effect; of the others'
# nothing is kept.
AMOUNTS = """
    SELECT o.id FROM orders_order o
    WHERE (o.captured_minor - o.set_off_minor, o.refunded_minor - o.set_off_minor) <> (
              SELECT coalesce(sum(p.captured_minor), 0), coalesce(sum(p.refunded_minor), 0) FROM payments_payment p
              LEFT JOIN orders_orderedit e ON p.purpose = 'edit:' || e.id
              WHERE p.order_id = o.id AND (e.id IS NULL OR e.status = 'applied'))
       OR EXISTS (SELECT FROM payments_payment p JOIN orders_orderedit e ON p.purpose = 'edit:' || e.id
                  WHERE p.order_id = o.id AND e.status NOT IN ('waiting', 'applied')
                    AND p.captured_minor <> p.refunded_minor)
       OR EXISTS (SELECT FROM orders_orderedit e WHERE e.order_id = o.id AND e.status = 'opening')
       OR o.refunded_minor < (SELECT coalesce(sum(amount_minor), 0) FROM orders_refund r
                              WHERE r.order_id = o.id AND r.status = 'succeeded')
       OR EXISTS (SELECT FROM orders_refund r WHERE r.order_id = o.id AND r.status = 'pending')
"""
ON_THE_SHELF = "SELECT sum(on_hand), sum(held) FROM catalog_stocklevel WHERE variant_id = %s"
SOLD = """
    SELECT o.id, line.quantity, o.status = 'cancelled', line.cancelled
    FROM orders_order o JOIN orders_orderline line ON line.order_id = o.id
    JOIN catalog_stockhold hold ON hold.order_id = coalesce(line.edit_id, o.stock_reference)
    WHERE hold.status = 'committed'
"""
# What edits that took effect have taken off, or taken back.
EDITED_OFF = """
    SELECT coalesce(sum((one->>'quantity')::int), 0)
    FROM orders_orderedit, jsonb_array_elements(removed) one WHERE status = 'applied' AND restock
"""
HELD = """
    SELECT (SELECT coalesce(sum(line.quantity), 0) FROM orders_order o JOIN orders_orderline line
                ON line.order_id = o.id AND line.edit_id IS NULL
            JOIN catalog_stockhold hold ON hold.order_id = o.stock_reference WHERE hold.status = 'held')
         + (SELECT coalesce(sum(line.quantity), 0) FROM orders_editline line
            JOIN catalog_stockhold hold ON hold.order_id = line.edit_id WHERE hold.status = 'held')
"""


@dataclass
class Placed:
    """An order as its buyer and its staff know it."""

    id: str
    token: str
    line_id: str
    payment_id: str
    returns: list[str] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)
    # How many of its units lie on the shelf again, besides what calling it off puts there.
    restocked: int = 0


class OrderMachine(RuleBasedStateMachine):
    """Whatever is refused changes nothing; what is done is done once."""

    @initialize()
    def open_shop(self) -> None:
        self.buyer, self.staff = APIClient(), APIClient()
        principal = Principal(id=new_id(), is_staff=True, scopes=frozenset({"*"}))
        self.staff.force_authenticate(cast(Any, principal))
        self.bought = variant()["id"]
        self.orders: list[Placed] = []

    @rule(quantity=few, method=st.sampled_from(METHODS))
    def place(self, quantity: int, method: str) -> None:
        body = {
            "cart_id": new_cart(self.bought, quantity),
            "email": "ada@example.com",
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "payment": {"provider": "sandbox", "method": method},
        }
        answer = self.buyer.post("/api/v1/checkout/", body, headers={"Idempotency-Key": str(uuid4())})
        if answer.status_code == 201:
            order, payment = answer.json()["order"], answer.json()["payment"]
            line_id = order["lines"][0]["id"]
            self.orders.append(Placed(order["id"], order["access_token"], line_id, payment["id"]))
        else:
            # The answer of a provider was lost: the relay goes on, and the order is nobody's to name here.
            assert (answer.status_code, method) == (503, "sandbox_timeout"), answer.content

    @rule()
    def the_provider_tells(self) -> None:
        deliver_webhooks()

    @rule()
    def the_relay_works(self) -> None:
        relay_until_quiet()

    @precondition(lambda self: self.orders)
    @rule(number=which, what=st.sampled_from(["retry", "confirm"]))
    def pay(self, number: int, what: str) -> None:
        order = self.order(number)
        body = {"method": "sandbox_ok"} if what == "retry" else {}
        answer = self.buyer.post(f"/api/v1/payments/{order.payment_id}/{what}/?token={order.token}", body)
        assert answer.status_code == 200 or answer.status_code in REFUSALS, answer.content

    @precondition(lambda self: self.orders)
    @rule(number=which, units=st.none() | few)
    def cancel(self, number: int, units: int | None) -> None:
        order = self.order(number)
        left = self.left(order)
        if self.act(self.buyer, order, f"cancel/?token={order.token}", self.items(order, units)):
            # Alone, units go on the shelf by their refund; all there are, with the order.
            order.restocked += units if units is not None and units != left else 0

    @precondition(lambda self: self.orders)
    @rule(number=which)
    def run_out_of_time(self, number: int) -> None:
        from modules.orders.logic import expiry  # only where orders is installed
        from modules.orders.models import Order

        Order.objects.filter(pk=self.order(number).id).update(payable_until=clock.now() - timedelta(seconds=1))
        expiry.expire_due()

    @precondition(lambda self: self.orders)
    @rule(number=which, units=st.none() | few)
    def ship(self, number: int, units: int | None) -> None:
        order = self.order(number)
        self.act(self.staff, order, "shipments/", {"carrier": "DHL", "tracking_number": "1"} | self.items(order, units))

    @precondition(lambda self: self.orders)
    @rule(number=which)
    def deliver(self, number: int) -> None:
        order = self.order(number)
        for shipment in self.read(order)["shipments"]:
            self.act(self.staff, order, f"shipments/{shipment['id']}/deliver/", {})

    @precondition(lambda self: self.orders)
    @rule(number=which, cents=st.integers(1, 3000))
    def refund_an_amount(self, number: int, cents: int) -> None:
        money = {"amount": f"{cents // 100}.{cents % 100:02}", "currency": "EUR"}
        self.act(self.staff, self.order(number), "refunds/", {"amount": money, "reason": "late"})

    @precondition(lambda self: self.orders)
    @rule(number=which, units=few, shipping=st.booleans(), restock=st.booleans())
    def refund_units(self, number: int, units: int, shipping: bool, restock: bool) -> None:
        order = self.order(number)
        body = {"shipping": shipping, "restock": restock, "reason": "lost"} | self.items(order, units)
        if self.act(self.staff, order, "refunds/", body):
            order.restocked += units if restock else 0

    @precondition(lambda self: self.orders)
    @rule(number=which, units=few)
    def ask_to_return(self, number: int, units: int) -> None:
        order = self.order(number)
        body = {"items": [item | {"reason": "small"} for item in self.items(order, units)["items"]]}
        if answer := self.act(self.buyer, order, f"returns/?token={order.token}", body):
            order.returns.append(answer["id"])

    @precondition(lambda self: self.orders)
    @rule(number=which, what=st.sampled_from(["approve", "reject", "receive", "receive"]), restock=st.booleans())
    def decide(self, number: int, what: str, restock: bool) -> None:
        order = self.order(number)
        if not order.returns:
            return
        path, body = f"returns/{order.returns[-1]}/{what}/", {"restock": restock} if what == "receive" else {}
        was = self.return_of(order)["status"]
        answer = self.act(self.staff, order, path, body)
        if answer and restock and answer["status"] == "received" != was:
            order.restocked += sum(item["quantity"] for item in answer["items"])

    @precondition(lambda self: self.orders)
    @rule(
        number=which, add=st.integers(0, 3), units=st.integers(0, 3), restock=st.booleans(),
        method=st.sampled_from(METHODS),
    )  # fmt: skip
    def edit(self, number: int, add: int, units: int, restock: bool, method: str) -> None:
        order = self.order(number)
        body: dict[str, Any] = {"restock": restock} | self.goods(add, method)
        if units:
            body["remove"] = self.items(order, units)["items"]
        self.begin(order, "edits/", body)

    @precondition(lambda self: self.orders)
    @rule(number=which, add=few, restock=st.booleans(), method=st.sampled_from(METHODS))
    def exchange(self, number: int, add: int, restock: bool, method: str) -> None:
        order = self.order(number)
        if order.returns:
            self.begin(order, f"returns/{order.returns[-1]}/exchange/", {"restock": restock} | self.goods(add, method))

    @precondition(lambda self: self.orders)
    @rule(number=which, what=st.sampled_from(["retry", "confirm", "call off", "too late"]))
    def end_edit(self, number: int, what: str) -> None:
        from modules.orders.logic import edits  # only where orders is installed
        from modules.orders.models import OrderEdit

        order = self.order(number)
        if not order.edits:
            return
        if what == "call off":
            self.act(self.staff, order, f"edits/{order.edits[-1]}/call-off/", {})
        elif what == "too late":
            OrderEdit.objects.filter(pk=order.edits[-1]).update(payable_until=clock.now() - timedelta(seconds=1))
            edits.lapse_due()
        elif payment_id := OrderEdit.objects.values_list("payment_id", flat=True).get(pk=order.edits[-1]):
            body = {"method": "sandbox_ok"} if what == "retry" else {}
            answer = self.buyer.post(f"/api/v1/payments/{payment_id}/{what}/?token={order.token}", body)
            assert answer.status_code == 200 or answer.status_code in REFUSALS, answer.content

    def begin(self, order: Placed, path: str, body: dict[str, Any]) -> None:
        if answer := self.act(self.staff, order, path, body):
            order.edits.append(answer["edit"]["id"])

    def goods(self, units: int, method: str) -> dict[str, Any]:
        if not units:
            return {}
        payment = {"provider": "sandbox", "method": method}
        return {"add": [{"variant_id": self.bought, "quantity": units}], "payment": payment}

    @rule()
    def come_to_rest(self) -> None:
        come_to_rest()
        self.everything_adds_up()

    def teardown(self) -> None:
        if hasattr(self, "orders"):
            self.come_to_rest()

    def everything_adds_up(self) -> None:
        assert [one.name for one in registry.invariants if query(one.sql)] == []
        assert query(AMOUNTS) == []
        restocked = {order.id: order.restocked for order in self.orders}
        gone = 0
        for order_id, quantity, is_cancelled, cancelled in query(SOLD):
            back = quantity - cancelled if is_cancelled else 0
            gone += quantity - back - restocked.get(str(order_id), 0)
        [(held,)], [(edited_off,)] = query(HELD), query(EDITED_OFF)
        assert query(ON_THE_SHELF, self.bought) == [(ON_HAND - gone + edited_off, held)]

    def order(self, number: int) -> Placed:
        return self.orders[-1 - number % len(self.orders)]

    def items(self, order: Placed, units: int | None) -> dict[str, Any]:
        return {} if units is None else {"items": [{"line_id": order.line_id, "quantity": units}]}

    def act(self, client: APIClient, order: Placed, path: str, body: dict[str, Any]) -> Any:
        """Do it twice with one key; the answer, or None where it was refused."""
        headers = {"Idempotency-Key": str(uuid4())}
        answers = [client.post(f"/api/v1/orders/{order.id}/{path}", body, headers=headers) for _ in range(2)]
        assert {answer.status_code for answer in answers} <= {200, 201} | REFUSALS, answers[0].content
        if answers[0].status_code < 300:
            assert answers[0].content == answers[1].content
        return answers[0].json() if answers[0].status_code < 300 else None

    def read(self, order: Placed) -> Any:
        return self.buyer.get(f"/api/v1/orders/{order.id}/?token={order.token}").json()

    def left(self, order: Placed) -> int:
        """So many units of its first line are the whole order, else -1: sent in part, or of several lines."""
        lines = self.read(order)["lines"]
        first, *others = [line["quantity"] - line["cancelled"] for line in lines]
        return -1 if any(others) or any(line["fulfilled"] for line in lines) else int(first)

    def return_of(self, order: Placed) -> Any:
        listed = self.buyer.get(f"/api/v1/orders/{order.id}/returns/?token={order.token}").json()["results"]
        return listed[-1]


def query(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def test_whatever_is_done_to_orders_everything_adds_up(transactional_db: None) -> None:
    with override_settings(DEBUG=True):
        call_command("seed", products=1, verbosity=0)
    wanted = settings(
        max_examples=max(STEPS // STEPS_AT_ONCE, 1),
        stateful_step_count=STEPS_AT_ONCE,
        deadline=None,
        # A run that fails is told step by step as it is: on a database, making it shorter takes many minutes.
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(machine_of_one_shop(), settings=wanted)
    call_command("check_invariants", verbosity=0)


def machine_of_one_shop() -> type[OrderMachine]:
    """A machine whose runs follow each other in one shop."""
    stock_up(variant()["id"], ON_HAND)
    everybody: list[Placed] = []

    class OneShop(OrderMachine):
        @initialize()
        def open_shop(self) -> None:
            super().open_shop()
            self.orders = everybody

    return OneShop
