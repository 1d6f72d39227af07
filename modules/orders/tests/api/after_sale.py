"""What the tests of shipments, refunds and returns share: a paid order, and staff who handle it."""

from typing import Any, cast

from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.orders.models import Order, OrderLine
from modules.orders.tests.factories import OrderFactory, OrderLineFactory
from modules.orders.tests.world import World


def paid_order(shop: World, **fields: Any) -> Order:
    """A confirmed order of two shirts to Berlin, 44.88 EUR captured."""
    now = clock.now()
    paid = {
        "status": "confirmed",
        "payment_status": "paid",
        "captured_minor": 4488,
        "paid_at": now,
        "confirmed_at": now,
    }
    order: Order = OrderFactory.create(**(paid | fields))
    shop.add_payment(order.pk, minor=order.total_minor, captured=order.captured_minor)
    return order


def add_line(order: Order, **fields: Any) -> OrderLine:
    """One more line, which the order's header does not count."""
    line: OrderLine = OrderLineFactory.create(order=order, variant_id=new_id(), position=order.lines.count(), **fields)
    return line


def client_of(**principal: Any) -> APIClient:
    """Somebody who calls the API."""
    client = APIClient()
    client.force_authenticate(cast(Any, Principal(**principal)))
    return client


def staff(*scopes: str) -> APIClient:
    """A member of staff; without scopes one who handles orders and gives money back."""
    return client_of(id=new_id(), is_staff=True, scopes=frozenset(scopes or ("orders.write", "orders.refund")))


def post(client: APIClient, order: Order, path: str, body: Any = None, *, key: str | None = None) -> Any:
    """Do something to an order; `key` is the Idempotency-Key."""
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/v1/orders/{order.pk}/{path}", body or {}, headers=headers)


def line_of(order: Order) -> str:
    """The id of an order's first line."""
    return str(order.lines.order_by("position")[0].pk)


def ship(order: Order, quantity: int | None = None) -> Any:
    """Send so many units of the first line, or all that is left."""
    items = {} if quantity is None else {"items": [{"line_id": line_of(order), "quantity": quantity}]}
    return post(staff(), order, "shipments/", {"carrier": "DHL", "tracking_number": "0034"} | items)


def deliver(order: Order) -> None:
    """All that is on the way arrives."""
    for shipment in order.shipments.filter(status="shipped").order_by("id"):
        answer = post(staff(), order, f"shipments/{shipment.pk}/deliver/")
        assert answer.status_code == 200, answer.content
