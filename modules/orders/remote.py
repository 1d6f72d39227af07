"""The far end of service.py."""

from uuid import UUID

from ecommerce.kernel.remote import RemoteService
from modules.orders.contracts import Order

_orders = RemoteService("orders")


def get_orders(*, ids: list[UUID]) -> list[Order]:
    return _orders.call(list[Order], "get_orders", ids=ids)


def find_orders(*, numbers: list[str]) -> list[Order]:
    return _orders.call(list[Order], "find_orders", numbers=numbers)


def list_orders(*, after: UUID | None, limit: int) -> list[Order]:
    return _orders.call(list[Order], "list_orders", after=after, limit=limit)
