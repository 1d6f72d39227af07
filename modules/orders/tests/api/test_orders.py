"""Reading and cancelling orders over HTTP."""

from datetime import timedelta
from typing import Any, cast

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import IdempotencyKey, OutboxEvent
from ecommerce.kernel.testing import relay_until_quiet
from modules.catalog.contracts import HoldCommitted
from modules.orders.logic import expiry
from modules.orders.logic.tokens import access_token
from modules.orders.models import Order
from modules.orders.tests.api.after_sale import line_of, paid_order, ship
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World
from modules.payments.contracts import CancelOutcome

pytestmark = pytest.mark.django_db(transaction=True)


def client_of(**principal: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(cast(Any, Principal(**principal)))
    return client


def url(order: Order, path: str = "", token: str | None = None) -> str:
    query = f"?token={token}" if token else ""
    return f"/api/v1/orders/{order.pk}/{path}{query}"


def test_only_the_owner_staff_and_the_token_see_an_order() -> None:
    owner = new_id()
    order = OrderFactory.create(customer_id=owner)
    staff = {"is_staff": True, "scopes": frozenset({"orders.read"})}

    assert client_of(id=owner).get(url(order)).status_code == 200
    assert client_of(id=new_id(), **staff).get(url(order)).status_code == 200
    assert APIClient().get(url(order, token=access_token(order.pk, 1))).status_code == 200
    for client, token in (
        (APIClient(), None),
        (APIClient(), "wrong"),
        (APIClient(), access_token(order.pk, 2)),
        (client_of(id=new_id()), None),
        (client_of(id=new_id(), is_staff=True), None),
    ):
        assert client.get(url(order, token=token)).status_code == 404


def test_staff_who_may_only_read_orders_cannot_cancel_one(shop: World) -> None:
    order = OrderFactory.create()
    reader = client_of(id=new_id(), is_staff=True, scopes=frozenset({"orders.read"}))
    writer = client_of(id=new_id(), is_staff=True, scopes=frozenset({"orders.write"}))

    refused = reader.post(url(order, "cancel/"), {})

    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert Order.objects.get().status == "pending"
    assert writer.post(url(order, "cancel/"), {}).json()["status"] == "cancelled"


@pytest.mark.parametrize("key", ["x" * 256, "mine"])
def test_who_may_not_see_an_order_learns_nothing_by_what_he_sends(shop: World, key: str) -> None:
    order = OrderFactory.create()

    for client in (APIClient(), client_of(id=new_id())):
        for body in ("{", '{"nonsense": 1}'):
            answer = client.post(
                url(order, "cancel/"), body, content_type="application/json", headers={"Idempotency-Key": key}
            )
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert IdempotencyKey.objects.using("default").count() == 0


def test_a_kept_answer_is_given_to_nobody_who_may_not_see_the_order_any_more(shop: World) -> None:
    order, key = OrderFactory.create(), {"Idempotency-Key": "once"}
    token = access_token(order.pk, 1)
    assert APIClient().post(url(order, "cancel/", token), {}, headers=key).status_code == 200

    Order.objects.update(token_generation=2)

    assert APIClient().post(url(order, "cancel/", token), {}, headers=key).status_code == 404


def test_a_customer_lists_his_own_orders_newest_first_page_by_page() -> None:
    owner, now = new_id(), clock.now()
    orders = [OrderFactory.create(customer_id=owner, placed_at=now - timedelta(days=age)) for age in range(3)]
    OrderFactory.create(customer_id=new_id())
    client = client_of(id=owner)

    first = client.get("/api/v1/orders/?limit=2").json()
    second = client.get(first["next"]).json()

    assert [row["id"] for row in first["results"] + second["results"]] == [str(order.pk) for order in orders]
    assert second["next"] is None


def test_a_list_of_orders_costs_five_statements(shop: World, django_assert_num_queries: Any) -> None:
    owner = new_id()
    for _ in range(5):
        ship(paid_order(shop, customer_id=owner))

    # The page, its lines, timelines, shipments and what lies in these.
    with django_assert_num_queries(5):
        assert client_of(id=owner).get("/api/v1/orders/").status_code == 200


def test_an_unknown_filter_is_refused() -> None:
    answer = client_of(id=new_id()).get("/api/v1/orders/?state=pending")

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")


def test_nobody_lists_orders_without_a_login() -> None:
    assert APIClient().get("/api/v1/orders/").status_code == 401


def test_cancelling_a_pending_order_gives_stock_money_and_coupons_back(shop: World) -> None:
    order = OrderFactory.create()
    token = access_token(order.pk, 1)

    answer = APIClient().post(url(order, "cancel/", token), {"reason": "changed my mind"})
    again = APIClient().post(url(order, "cancel/", token), {})

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert again.json() == answer.json()
    assert shop.names() == ["release_hold", "cancel_payment", "release_redemption"]
    assert [event.name for event in OutboxEvent.objects.using("default").all()] == ["orders.OrderCancelled"]


def test_cancelling_a_paid_order_returns_the_stock_and_refunds(shop: World, check_out: Any) -> None:
    placed = check_out(shop.add_cart()).json()["order"]
    Order.objects.filter(pk=placed["id"]).update(status="confirmed", captured_minor=4488)
    shop.asked.clear()
    shop.cancel_outcome = CancelOutcome.CAPTURED
    shop.refuse["release_hold"] = HoldCommitted()

    APIClient().post(f"/api/v1/orders/{placed['id']}/cancel/?token={placed['access_token']}", {})

    assert shop.names() == [
        "release_hold",
        "return_stock",
        "cancel_payment",
        "release_redemption",
        "refund_order",
    ]


@pytest.mark.parametrize("status", ["processing", "shipped", "delivered", "expired"])
def test_what_is_shipped_or_over_is_not_cancelled(shop: World, status: str) -> None:
    order = OrderFactory.create(status=status)

    answer = APIClient().post(url(order, "cancel/", access_token(order.pk, 1)), {})

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert Order.objects.get().status == status
    assert shop.names() == []


def test_a_provider_that_is_away_does_not_keep_an_order_from_being_cancelled(shop: World) -> None:
    order = OrderFactory.create()
    shop.refuse["cancel_payment"] = Unavailable(dependency="payments")

    answer = APIClient().post(url(order, "cancel/", access_token(order.pk, 1)), {})

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert list(dict.fromkeys(shop.names())) == ["release_hold", "cancel_payment"]


def test_an_unpaid_order_expires_and_gives_back_what_it_held(shop: World) -> None:
    order = OrderFactory.create(payable_until=clock.now() - timedelta(seconds=1))
    OrderFactory.create()

    assert expiry.expire_due() == 1
    relay_until_quiet()

    order.refresh_from_db()
    assert order.status == "expired"
    assert shop.names() == ["cancel_payment", "release_hold", "release_redemption"]


def test_an_order_that_turns_out_to_be_paid_does_not_expire(shop: World) -> None:
    order = OrderFactory.create(payable_until=clock.now() - timedelta(seconds=1))
    shop.cancel_outcome = CancelOutcome.CAPTURED

    expiry.expire_due()
    relay_until_quiet()

    order.refresh_from_db()
    assert order.status == "pending"
    assert shop.names() == ["cancel_payment"]


def test_an_order_whose_payment_is_unknown_waits(shop: World) -> None:
    order = OrderFactory.create(payable_until=clock.now() - timedelta(seconds=1))
    shop.cancel_outcome = CancelOutcome.UNKNOWN

    expiry.expire_due()
    relay_until_quiet()

    order.refresh_from_db()
    assert order.status == "pending"


def test_a_customer_searches_his_own_orders_only() -> None:
    owner = new_id()
    mine = OrderFactory.create(customer_id=owner, number="T-mine")
    OrderFactory.create(customer_id=owner)
    OrderFactory.create(customer_id=new_id(), number="T-other")
    client = client_of(id=owner)

    assert [row["id"] for row in client.get("/api/v1/orders/?search=T-mine").json()["results"]] == [str(mine.pk)]
    assert client.get("/api/v1/orders/?search=T-other").json()["results"] == []


# ── by line ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def cancel_units(order: Order, quantity: int, *, key: str = "key", client: APIClient | None = None) -> Any:
    items = [{"line_id": line_of(order), "quantity": quantity}]
    client = client or client_of(id=order.customer_id)
    return client.post(url(order, "cancel/"), {"items": items, "reason": "Too many"}, headers={"Idempotency-Key": key})


def test_units_that_are_not_shipped_are_called_off(shop: World) -> None:
    order = paid_order(shop, customer_id=new_id())
    client = client_of(id=order.customer_id)

    answers = [cancel_units(order, 1, client=client) for _ in range(2)]

    assert answers[0].status_code == 200, answers[0].content
    assert answers[0].content == answers[1].content
    answer = answers[0].json()
    assert (answer["status"], answer["refunded_total"]["amount"]) == ("confirmed", "19.99")
    [line] = answer["lines"]
    assert (line["quantity"], line["cancelled"], line["refunded"], line["fulfilled"]) == (2, 1, 1, 0)
    assert shop.names() == ["refund_order", "return_stock"]
    assert list(shop.refunds.values()) == [1999]

    ship(order)
    order.refresh_from_db()
    assert (order.status, order.fulfilment_status) == ("shipped", "fulfilled")


def test_calling_off_all_units_calls_off_the_order(shop: World) -> None:
    order = paid_order(shop, customer_id=new_id())
    shop.cancel_outcome = CancelOutcome.CAPTURED

    answer = cancel_units(order, 2)

    assert answer.json()["status"] == "cancelled"
    # With the shipping.
    assert list(shop.refunds.values()) == [4488]


def test_the_rest_of_an_order_is_called_off_with_what_is_left_of_it(shop: World) -> None:
    order = paid_order(shop, customer_id=new_id())
    shop.cancel_outcome = CancelOutcome.CAPTURED
    shop.refuse["release_hold"] = HoldCommitted()
    cancel_units(order, 1)
    shop.asked.clear()

    client_of(id=order.customer_id).post(url(order, "cancel/"), {})

    [back] = [arguments["lines"] for name, arguments in shop.asked if name == "return_stock"]
    assert [line["quantity"] for line in back] == [1]
    assert list(shop.refunds.values()) == [1999, 2489]


def test_what_is_shipped_is_not_called_off(shop: World) -> None:
    order = paid_order(shop, customer_id=new_id())
    ship(order, 1)

    assert cancel_units(order, 2).json()["code"] == "invalid_quantity"
    answer = cancel_units(order, 1, key="other")
    assert (answer.json()["status"], answer.json()["fulfilment_status"]) == ("shipped", "fulfilled")
    assert cancel_units(order, 1, key="third").json()["code"] == "invalid_transition"
    assert list(shop.refunds.values()) == [1999]


def test_units_of_an_unpaid_order_are_not_called_off_alone(shop: World) -> None:
    order = OrderFactory.create(customer_id=new_id())

    refused = cancel_units(order, 1)

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    assert order.lines.get().cancelled == 0
