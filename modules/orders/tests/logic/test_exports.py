"""What orders gives to a user's export."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel import clock, driver, parcels
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import NotFound, Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Saga, Step
from modules.orders.handlers import HANDLERS
from modules.orders.models import Document, Order, Refund, Return
from modules.orders.tests.documents import invoiced_order
from modules.orders.tests.factories import OrderFactory, OrderLineFactory
from modules.orders.tests.world import SHIRT, World
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested

pytestmark = pytest.mark.django_db(transaction=True)

DB = "default"


def request_export(user_id: UUID) -> UUID:
    """As the inbox does it: all handlers in one transaction."""
    event = ExportRequested(export_id=new_id(), user_id=user_id)
    with atomic(Order):
        for handler in HANDLERS[ExportRequested]:
            handler(event)
    return event.export_id


def given(world: World) -> list[dict[str, Any]]:
    return [arguments for name, arguments in world.asked if name == "contribute_to_export"]


def step() -> tuple[str, str]:
    found: Any = Step.objects.using(DB).get(name="orders.contribute")
    return found.status, found.last_error


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def at(instant: Any) -> str:
    text: str = instant.isoformat()
    return text.replace("+00:00", "Z")


def test_the_users_orders_are_given_whole_and_nobody_elses(world: World) -> None:
    user_id = new_id()
    order = OrderFactory.create(
        customer_id=user_id, number="1001", vat_id="DE136695976", note="Ring twice", coupon_codes=["SPRING"]
    )
    OrderFactory.create(customer_id=new_id())
    OrderFactory.create(customer_id=None)

    export_id = request_export(user_id)
    driver.run_due(DB)

    line, entry = order.lines.get(), order.timeline.get()
    assert given(world) == [
        {
            "export_id": str(export_id),
            "module": "orders",
            "parcel": 0,
            "is_last": True,
            "document": {
                "orders": [
                    {
                        "id": str(order.pk),
                        "number": "1001",
                        "status": "pending",
                        "payment_status": "unpaid",
                        "fulfilment_status": "unfulfilled",
                        "email": "ada@example.com",
                        "language": "en",
                        "note": "Ring twice",
                        "shipping_address": order.shipping_address,
                        "billing_address": order.billing_address,
                        "vat_id": "DE136695976",
                        "shipping_method": {"code": "standard", "title": "Standard"},
                        "payment_provider": "sandbox",
                        "currency": "EUR",
                        "lines": [
                            {
                                "id": str(line.pk),
                                "variant_id": str(SHIRT),
                                "sku": "SHIRT-M",
                                "title": "Shirt",
                                "options": {"Size": "M"},
                                "quantity": 2,
                                "unit_price": eur("19.99"),
                                "discount": eur("0.00"),
                                "tax": eur("6.38"),
                                "total": eur("39.98"),
                                "fulfilled": 0,
                                "cancelled": 0,
                                "refunded": 0,
                            }
                        ],
                        "coupons": ["SPRING"],
                        "discounts": [],
                        "taxes": [],
                        "subtotal": eur("39.98"),
                        "discount_total": eur("0.00"),
                        "shipping_total": eur("4.90"),
                        "tax_total": eur("7.16"),
                        "total": eur("44.88"),
                        "captured_total": eur("0.00"),
                        "refunded_total": eur("0.00"),
                        "shipments": [],
                        "returns": [],
                        "refunds": [],
                        "edits": [],
                        "documents": [],
                        "timeline": [{"at": at(entry.at), "event": "placed", "actor": "system", "detail": {}}],
                        "created_at": at(order.created_at),
                        "placed_at": at(order.placed_at),
                        "paid_at": None,
                        "confirmed_at": None,
                        "delivered_at": None,
                        "cancelled_at": None,
                    }
                ]
            },
        }
    ]
    assert step() == ("done", "")


def test_invoices_are_given_as_they_were_issued(world: World) -> None:
    user_id = new_id()
    invoiced_order(world, customer_id=user_id)

    request_export(user_id)
    driver.run_due(DB)

    document = Document.objects.get()
    assert given(world)[0]["document"]["orders"][0]["documents"] == [
        {
            "id": str(document.pk),
            "kind": "invoice",
            "number": document.number,
            "issued_at": at(document.issued_at),
            "content": document.snapshot,
        }
    ]


def test_returns_and_refunds_are_given_as_they_are_answered_and_with_their_reasons(world: World) -> None:
    user_id, now = new_id(), clock.now()
    order = OrderFactory.create(customer_id=user_id)
    line = order.lines.get()
    wanted = Return.objects.create(order=order, requested_at=now, status="rejected", decided_at=now, answer="Worn")
    wanted.items.create(line=line, quantity=1, reason="Too small")
    refund = Refund.objects.create(
        order=order, amount_minor=2489, tax_minor=397, shipping_minor=490, shipping_tax_minor=78, reason="Lost",
        actor="system", created_at=now, status="failed", refusal={"code": "refund_refused"}, finished_at=now,
    )  # fmt: skip
    refund.items.create(line=line, quantity=1, amount_minor=1999, tax_minor=319)

    request_export(user_id)
    driver.run_due(DB)

    [given_order] = given(world)[0]["document"]["orders"]
    assert given_order["returns"] == [
        {
            "id": str(wanted.pk),
            "status": "rejected",
            "items": [{"line_id": str(line.pk), "quantity": 1, "reason": "Too small"}],
            "answer": "Worn",
            "requested_at": at(now),
            "decided_at": at(now),
            "received_at": None,
        }
    ]
    assert given_order["refunds"] == [
        {
            "id": str(refund.pk),
            "status": "failed",
            "amount": eur("24.89"),
            "tax": eur("3.97"),
            "shipping": eur("4.90"),
            "items": [{"line_id": str(line.pk), "quantity": 1, "amount": eur("19.99"), "tax": eur("3.19")}],
            "created_at": at(now),
            "reason": "Lost",
            "refusal": {"code": "refund_refused"},
            "finished_at": at(now),
        }
    ]


def test_an_abandoned_order_is_given_too_since_it_holds_an_address(world: World) -> None:
    user_id = new_id()
    OrderFactory.create(customer_id=user_id, status="abandoned", number=None, placed_at=None)

    request_export(user_id)
    driver.run_due(DB)

    assert [order["status"] for order in given(world)[0]["document"]["orders"]] == ["abandoned"]


def test_a_user_without_orders_gives_an_empty_part(world: World) -> None:
    request_export(new_id())
    driver.run_due(DB)

    assert [(one["document"], one["is_last"]) for one in given(world)] == [({"orders": []}, True)]


def test_more_orders_cost_no_more_statements(world: World) -> None:
    def statements(count: int) -> int:
        user_id = new_id()
        for _ in range(count):
            OrderLineFactory.create(order=OrderFactory.create(customer_id=user_id), position=1)
        request_export(user_id)
        with CaptureQueriesContext(connection) as captured:
            driver.run_due(DB)
        return len(captured)

    assert statements(2) == statements(9)
    assert [len(one["document"]["orders"]) for one in given(world)] == [2, 9]


def test_many_orders_travel_in_parcels(world: World) -> None:
    user_id = new_id()
    note = "x" * (parcels.LARGEST_BYTES * 2 // 5)
    orders = [OrderFactory.create(customer_id=user_id, note=note) for _ in range(5)]

    request_export(user_id)
    driver.run_due(DB)

    assert [(one["parcel"], one["is_last"]) for one in given(world)] == [(0, False), (1, False), (2, True)]
    ids = [order["id"] for one in given(world) for order in one["document"]["orders"]]
    assert ids == [str(order.pk) for order in orders]


def test_an_export_that_is_gone_wants_nothing_any_more(world: World) -> None:
    world.refuse["contribute_to_export"] = ExportNotFound()

    request_export(new_id())
    driver.run_due(DB)

    assert step() == ("done", "")


@pytest.mark.parametrize("error", [Unavailable(), NotFound("users has no function contribute_to_export.")])
def test_users_that_does_not_answer_is_asked_again_later(world: World, error: Any) -> None:
    world.refuse["contribute_to_export"] = error
    request_export(new_id())
    driver.run_due(DB)
    assert step()[0] == "pending"

    world.refuse.clear()
    Step.objects.using(DB).update(next_attempt_at=clock.now())
    Saga.objects.using(DB).update(next_run_at=clock.now())
    driver.run_due(DB)

    assert step() == ("done", "")
    assert given(world)[-1] == given(world)[0]
