"""What must hold between orders, catalog and payments, found out by their public functions alone.

The shop goes on while it is read, so a thing in motion looks broken for a moment: only what looks broken twice, a
while apart, is reported.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.money import total as sum_of
from ecommerce.kernel.registry import CrossCheck
from modules.catalog import service as catalog_service
from modules.catalog.contracts import HoldStatus, StockHold
from modules.orders import service as orders_service
from modules.orders.contracts import Order, OrderStatus, PaymentState
from modules.payments import service as payments_service
from modules.payments.contracts import Payment, PaymentStatus

T = TypeVar("T")

PAGE = 200
WHILE_SECONDS = 3.0
A_DAY = timedelta(days=1)

SOLD = frozenset((OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED))


def find_orders_without_goods() -> Iterator[str]:
    """Confirmed orders whose stock is not taken."""
    holds = {hold.order_id: hold.status for hold in _holds()}
    for order in _sold_orders():
        status = holds.get(order.stock_reference)
        if status != HoldStatus.COMMITTED:
            yield f"order {order.number} is {order.status}, its stock is {status or 'not held'}"


def find_orders_not_paid() -> Iterator[str]:
    """Confirmed orders whose payments are not, all in all, their total."""
    for page in _pages(orders_service.list_orders, lambda order: order.id):
        sold = [order for order in page if _is_sold_here(order)]
        payments = payments_service.get_payments(order_ids=[order.id for order in sold]) if sold else []
        for order in sold:
            yield from _wrongly_paid(order, [payment for payment in payments if payment.order_id == order.id])


def find_holds_without_order() -> Iterator[str]:
    """Held stock that no pending order waits for."""
    # Before the orders: one placed meanwhile has its hold among those that are not looked at.
    held = [hold for hold in _holds() if hold.status == HoldStatus.HELD]
    statuses = _statuses() if held else {}
    for hold in held:
        status = statuses.get(hold.order_id)
        if status != OrderStatus.PENDING and not _in_checkout(status, hold.until):
            yield f"stock is held for {hold.order_id}, whose order is {status or 'unknown'}"


def find_holds_kept_too_long() -> Iterator[str]:
    """Stock held for a day for an order nobody knows, whatever `until` says; or a day past `until`, for any order.

    Catalog lets nothing go by its own clock, since the order may still be confirmed: so somebody has to look.
    """
    held = [hold for hold in _holds() if hold.status == HoldStatus.HELD]
    statuses = _statuses() if held else {}
    a_day_ago = clock.now() - A_DAY
    for hold in held:
        status = statuses.get(hold.order_id)
        if status is None and hold.held_at is not None and hold.held_at <= a_day_ago:
            yield f"stock is held for {hold.order_id} since {hold.held_at:%Y-%m-%d %H:%M}, whose order is unknown"
        elif hold.until is not None and hold.until <= a_day_ago:
            order = status or "unknown"
            yield f"stock is held for {hold.order_id} past {hold.until:%Y-%m-%d %H:%M}, whose order is {order}"


def find_payments_without_order() -> Iterator[str]:
    """Captured money that belongs to no confirmed order and has not gone back."""
    for page in _pages(payments_service.get_payments, lambda payment: payment.id):
        kept = [payment for payment in page if payment.refunded < payment.captured]
        orders = orders_service.get_orders(ids=list({payment.order_id for payment in kept})) if kept else []
        by_id = {order.id: order for order in orders}
        for payment in kept:
            order = by_id.get(payment.order_id)
            if order is None or not _may_keep(order):
                status = order.status if order else "unknown"
                yield f"payment {payment.id} holds {payment.captured - payment.refunded}, its order is {status}"


def still_so(find: Callable[[], Iterable[str]]) -> Callable[[], list[str]]:
    """What `find` finds now and, where it finds anything, a while later as well."""

    def find_twice() -> list[str]:
        found = list(find())
        if not found:
            return []
        time.sleep(WHILE_SECONDS)
        again = set(find())
        return [line for line in found if line in again]

    return find_twice


CROSS_CHECKS = [
    CrossCheck(name="a confirmed order's stock is sold", find=still_so(find_orders_without_goods)),
    CrossCheck(name="a confirmed order is paid, neither less nor more", find=still_so(find_orders_not_paid)),
    CrossCheck(name="held stock belongs to a pending order", find=still_so(find_holds_without_order)),
    CrossCheck(name="no stock is held a day too long", find=still_so(find_holds_kept_too_long)),
    CrossCheck(name="money belongs to a confirmed order", find=still_so(find_payments_without_order)),
]


def _wrongly_paid(order: Order, payments: list[Payment]) -> Iterator[str]:
    # An authorised payment counts: it is captured when the first parcel leaves.
    promised = [payment.amount for payment in payments if payment.status == PaymentStatus.AUTHORIZED]
    captured = sum_of([payment.captured for payment in payments], order.total.currency)
    refunded = sum_of([payment.refunded for payment in payments], order.total.currency)
    if sum_of(promised, order.total.currency) + captured + order.set_off < order.total:
        yield f"order {order.number} is {order.status} and costs {order.total}, captured is {captured}"
    if order.total < captured - refunded:
        yield f"order {order.number} costs {order.total}, kept is {captured - refunded}"


def _statuses() -> dict[UUID, OrderStatus]:
    """Of each reference under which an order holds stock; an open edit's is as good as a pending order's."""
    statuses: dict[UUID, OrderStatus] = {}
    for order in _orders():
        statuses[order.stock_reference] = order.status
        statuses.update(dict.fromkeys(order.open_edits, OrderStatus.PENDING))
    return statuses


def _in_checkout(status: OrderStatus | None, until: datetime | None) -> bool:
    # An order is seen by nobody before it is placed, but its stock is held already.
    return status is None and until is not None and until > clock.now()


def _may_keep(order: Order) -> bool:
    # Paid in part: a pending order that staff has to look at.
    return order.status in SOLD or (
        order.status == OrderStatus.PENDING and order.payment_status == PaymentState.PARTIALLY_PAID
    )


def _sold_orders() -> Iterator[Order]:
    return (order for order in _orders() if _is_sold_here(order))


def _is_sold_here(order: Order) -> bool:
    # What was taken over from another shop was paid there, from that shop's stock.
    return order.status in SOLD and not order.is_imported


def _orders() -> Iterator[Order]:
    return (order for page in _pages(orders_service.list_orders, lambda order: order.id) for order in page)


def _holds() -> Iterator[StockHold]:
    return (hold for page in _pages(catalog_service.list_holds, lambda hold: hold.order_id) for hold in page)


def _pages(ask: Callable[..., list[T]], key: Callable[[T], UUID]) -> Iterator[list[T]]:
    after: UUID | None = None
    while page := ask(after=after, limit=PAGE):
        yield page
        after = key(page[-1])
