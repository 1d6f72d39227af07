"""A desk where orders are handled."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from ecommerce.kernel import clock
from ecommerce.kernel.admin_testing import needs_admin, signed_in
from modules.orders.models import Order, Return
from modules.orders.tests.api.after_sale import paid_order
from modules.orders.tests.world import World

__all__ = ["signed_in"]

pytestmark = [needs_admin, pytest.mark.django_db]
ORDERS = "/admin/orders/order/"
HANDLES = ("orders.read", "orders.write", "orders.refund", "payments.read", "users.read")


def page_of(order: Order) -> str:
    return f"{ORDERS}{order.pk}/change/"


def act_of(order: Order, path: str) -> str:
    return f"{ORDERS}{order.pk}/{path}/"


def form_of(answer: Any) -> dict[str, str]:
    """The form of a page, as a browser sends it back untouched."""
    form = answer.context["form"]
    filled = {field.html_name: value for field in form if (value := field.value()) is not None and value is not False}
    return {name: "on" if value is True else str(value) for name, value in filled.items()}


def units(order: Order, position: int, quantity: int) -> dict[str, str]:
    """So many units of a line, as they are typed."""
    return {f"quantity_{order.lines.get(position=position).pk}": str(quantity)}


def do(client: Client, order: Order, path: str, **typed: Any) -> Any:
    """Open an act's page, fill its form in, and send it."""
    address = act_of(order, path)
    return client.post(address, form_of(client.get(address)) | typed)


def said(answer: Any) -> list[str]:
    """The messages that an answer leaves for the next page, or shows itself."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def text_of(answer: Any) -> str:
    """What a page shows, its white space made one."""
    return " ".join(answer.content.decode().split())


def delivered_order(shop: World, **fields: Any) -> Order:
    """Two shirts that have arrived."""
    order = paid_order(shop, status="delivered", fulfilment_status="fulfilled", delivered_at=clock.now(), **fields)
    order.lines.update(fulfilled=2)
    return order


def asked_back(order: Order, status: str = "requested", quantity: int = 1) -> Return:
    """A return of so many units of an order's first line."""
    wanted = Return.objects.create(order=order, status=status, requested_at=clock.now())
    wanted.items.create(line=order.lines.get(position=0), quantity=quantity, reason="Too small")
    return wanted
