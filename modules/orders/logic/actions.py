"""What may be done to an order now: what its answer offers, so that no client has to know the rules.

It is advice: each act judges anew, under the order's lock, whether it may be done.
"""

from collections.abc import Iterator, Sequence

from ecommerce.kernel import clock
from modules.orders.logic.invoices import SOLD, is_paid
from modules.orders.logic.portions import left_to_cancel, left_to_ship
from modules.orders.logic.returns import returnable_until
from modules.orders.logic.shipments import SHIPPABLE
from modules.orders.models import Order, OrderLine

Status = Order.Status

ACTIONS = ("pay", "cancel", "ship", "deliver", "refund", "return", "edit", "invoice")


def allowed_actions(order: Order, lines: Sequence[OrderLine], *, is_staff: bool) -> list[str]:
    """The acts that the order's state allows its buyer, or staff; asks no database."""
    actions = [*(_for_staff(order, lines) if is_staff else _for_buyer(order)), *_for_both(order)]
    # What was sold elsewhere has neither money nor stock here.
    return [action for action in actions if action in ("ship", "deliver")] if order.is_imported else actions


def _for_buyer(order: Order) -> Iterator[str]:
    if _may_be_paid(order):
        yield "pay"
    if _may_be_cancelled(order):
        yield "cancel"
    if (until := returnable_until(order)) and clock.now() <= until and _came_not_all_back(order):
        yield "return"


def _for_staff(order: Order, lines: Sequence[OrderLine]) -> Iterator[str]:
    if _may_be_cancelled(order) or _may_be_cancelled_by_line(order, lines):
        yield "cancel"
    if order.status in SHIPPABLE and any(left_to_ship(line) for line in lines):
        yield "ship"
    if order.status in (Status.PROCESSING, Status.SHIPPED):
        yield "deliver"
    if order.captured_minor > order.refunded_minor:
        yield "refund"
    if order.status == Status.DELIVERED and _came_not_all_back(order):
        yield "return"
    if order.status == Status.CONFIRMED and is_paid(order) and not any(line.fulfilled for line in lines):
        yield "edit"


def _for_both(order: Order) -> Iterator[str]:
    # Until its step is done, some seconds later, asking for it is 409 invoice_not_ready.
    if order.status in SOLD and is_paid(order):
        yield "invoice"


def _may_be_paid(order: Order) -> bool:
    is_open = order.payment_status in (Order.PaymentStatus.UNPAID, Order.PaymentStatus.FAILED)
    return order.status == Status.PENDING and is_open and clock.now() < order.payable_until


def _may_be_cancelled(order: Order) -> bool:
    return order.status in (Status.PENDING, Status.CONFIRMED)


def _may_be_cancelled_by_line(order: Order, lines: Sequence[OrderLine]) -> bool:
    """Of what was sent in part, the rest; it is refunded, so it must have been paid for."""
    return order.status == Status.PROCESSING and is_paid(order) and any(left_to_cancel(line) for line in lines)


def _came_not_all_back(order: Order) -> bool:
    return order.fulfilment_status != Order.FulfilmentStatus.RETURNED
