"""One cart with a coupon that one buyer may use, what is done with it, and how everything stands in the end."""

from datetime import timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid5

from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import IdempotencyKey, InboxEvent, Saga, Step
from tests.journeys.buyer import ADDRESS
from tests.races.test_endings import come_to_rest
from tests.races.test_purchases import new_cart, stock_up, variant

DB = "default"
ON_HAND = 10
QUANTITY = 2
CODE = "ONCE"
KEY = "the-key"


class Standing(NamedTuple):
    """How a sale stands: orders and payments by status, the shelf, the coupon, the money (in cents)."""

    orders: list[str]
    holds: list[str]
    on_hand: int
    held: int
    coupon_used: int
    payments: list[str]
    charges: int
    captured: int
    refunded: int


class Sale:
    """A shop with one buyer, and what he and the staff do; each act may be repeated, as by a client without answer."""

    def __init__(self) -> None:
        from modules.cart.logic.promotions import make_promotion  # only where cart is installed

        with override_settings(DEBUG=True):
            call_command("seed", products=1, verbosity=0)
        promotion = make_promotion(title="Tenth", kind="percentage", value="10", code=CODE, usage_limit=1)
        self.promotion_id = promotion.pk
        self.variant_id = variant()["id"]
        stock_up(self.variant_id, ON_HAND)
        self.cart_id = new_cart(self.variant_id, QUANTITY)
        self.enter_coupon(self.cart_id)
        self.buyer, self.staff = APIClient(), APIClient()
        principal = Principal(id=new_id(), is_staff=True, scopes=frozenset({"*"}))
        self.staff.force_authenticate(cast(Any, principal))
        self.order: dict[str, Any] = {}

    def enter_coupon(self, cart_id: str) -> None:
        answer = APIClient().post(f"/api/v1/carts/{cart_id}/coupons/", {"code": CODE})
        assert answer.status_code == 200, answer.content

    def give_up_coupon(self) -> None:
        assert APIClient().delete(f"/api/v1/carts/{self.cart_id}/coupons/{CODE}/").status_code == 200

    def fill_again(self) -> None:
        """The same cart where it is open still, else a new one."""
        if APIClient().get(f"/api/v1/carts/{self.cart_id}/").status_code != 200:
            self.cart_id = new_cart(self.variant_id, QUANTITY)
            self.enter_coupon(self.cart_id)

    def check_out(self, key: str = KEY, method: str = "sandbox_ok") -> Any:
        """The answer to a checkout of the cart: always the same body."""
        body = {
            "cart_id": self.cart_id,
            "email": "ada@example.com",
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "payment": {"provider": "sandbox", "method": method},
        }
        return APIClient().post("/api/v1/checkout/", body, headers={"Idempotency-Key": key})

    def place(self) -> None:
        answer = self.check_out()
        assert answer.status_code == 201, answer.content
        self.order = answer.json()["order"]

    def confirm(self) -> None:
        self.place()
        come_to_rest()
        assert self.read()["status"] == "confirmed"

    def deliver(self) -> None:
        """The whole order has arrived at its buyer."""
        self.confirm()
        shipped = self.ask(self.staff, "shipments/", {"carrier": "DHL", "tracking_number": "1"}, "ship").json()
        self.ask(self.staff, f"shipments/{shipped['shipments'][0]['id']}/deliver/", {}, "deliver")
        assert self.read()["status"] == "delivered"

    def ask(self, client: APIClient, path: str, body: dict[str, Any], key: str = KEY) -> Any:
        token = f"?token={self.order['access_token']}" if client is self.buyer else ""
        address = f"/api/v1/orders/{self.order['id']}/{path}{token}"
        return client.post(address, body, headers={"Idempotency-Key": key})

    def read(self) -> dict[str, Any]:
        found: dict[str, Any] = self.buyer.get(
            f"/api/v1/orders/{self.order['id']}/?token={self.order['access_token']}"
        ).json()
        return found

    def somebody_takes(self, quantity: int) -> None:
        """Another buyer holds so many units."""
        from modules.catalog.contracts import StockLine
        from modules.catalog.logic.holds import hold_stock

        lines = [StockLine(variant_id=UUID(self.variant_id), quantity=quantity)]
        hold_stock(order_id=self.somebody(), lines=lines, until=clock.now() + timedelta(hours=1))

    def somebody_redeems(self) -> None:
        """Another buyer uses the coupon."""
        from modules.cart.logic.redemptions import redeem

        redeem(order_id=self.somebody(), promotion_ids=[self.promotion_id], codes=[CODE], customer_key="somebody")

    def somebody_gives_back(self) -> None:
        from modules.cart.logic.redemptions import release_redemption
        from modules.catalog.logic.holds import release_hold

        release_hold(order_id=self.somebody())
        release_redemption(order_id=self.somebody())

    def somebody(self) -> UUID:
        return uuid5(UUID(self.cart_id), "somebody else")

    def standing(self) -> Standing:
        """How it stands, of this buyer's own."""
        [row] = query(_STANDING, self.somebody(), self.variant_id, self.variant_id, self.promotion_id)
        return Standing(*row)


def restart() -> None:
    """Leases of who died run out, the relay works until it has nothing to do, and nothing is left undone."""
    let_leases_run_out()
    come_to_rest()
    let_leases_run_out()
    come_to_rest()
    assert list(Step.objects.using(DB).filter(status__in=["pending", "parked"]).values_list("name", "last_error")) == []
    assert list(InboxEvent.objects.using(DB).filter(handled_at=None).values_list("name", "last_error")) == []


def let_leases_run_out() -> None:
    before = clock.now() - timedelta(seconds=1)
    Saga.objects.using(DB).exclude(leased_until=None).update(leased_until=before)
    IdempotencyKey.objects.using(DB).exclude(claimed_until=None).update(claimed_until=before)


def require_nothing_twice() -> None:
    """No fact of an order is announced, and none is on its timeline, twice; every invariant holds."""
    assert query("SELECT name FROM kernel_outboxevent WHERE name LIKE 'orders.%%' GROUP BY name, aggregate_id "
                 "HAVING count(*) > 1") == []  # fmt: skip
    assert query("SELECT event FROM orders_timelineentry GROUP BY order_id, event, detail HAVING count(*) > 1") == []
    call_command("check_invariants", verbosity=0)


def query(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


_STANDING = """
    SELECT ARRAY(SELECT status FROM orders_order ORDER BY id)::text[],
           ARRAY(SELECT status FROM catalog_stockhold WHERE order_id <> %s ORDER BY created_at)::text[],
           (SELECT sum(on_hand) FROM catalog_stocklevel WHERE variant_id = %s)::int,
           (SELECT sum(held) FROM catalog_stocklevel WHERE variant_id = %s)::int,
           (SELECT used FROM cart_promotion WHERE id = %s),
           ARRAY(SELECT status FROM payments_payment ORDER BY id)::text[],
           (SELECT count(*) FROM payments_sandboxpayment)::int,
           (SELECT coalesce(sum(amount_minor), 0) FROM payments_sandboxpayment WHERE status = 'captured')::int,
           (SELECT coalesce(sum(refunded_minor), 0) FROM payments_sandboxpayment)::int
"""
