"""The table of an order's moves, and the one function that makes them.

A move is a compare-and-set on the status, with its timeline row in the same transaction; whoever asks for a move that
the table does not hold, or that somebody else was quicker to make, gets InvalidTransition and nothing has changed.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connections, router
from django.db.models import F

from ecommerce.kernel import clock
from ecommerce.kernel.db import current_alias
from modules.orders.contracts import InvalidTransition, OrderImported
from modules.orders.logic import erasure
from modules.orders.models import Order, TimelineEntry

Status = Order.Status

MOVES: Mapping[str, frozenset[str]] = {
    Status.OPENING: frozenset({Status.PENDING, Status.ABANDONED}),
    Status.ABANDONED: frozenset(),
    Status.PENDING: frozenset({Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED}),
    Status.CONFIRMED: frozenset({Status.PROCESSING, Status.SHIPPED, Status.CANCELLED}),
    Status.PROCESSING: frozenset({Status.SHIPPED}),
    Status.SHIPPED: frozenset({Status.DELIVERED}),
    # An exchange: there is something to send again.
    Status.DELIVERED: frozenset({Status.PROCESSING}),
    Status.CANCELLED: frozenset(),
    # Paid after all: the stock was taken again.
    Status.EXPIRED: frozenset({Status.PENDING}),
}

SYSTEM = "system"

_PLACE = """
    UPDATE orders_order
    SET status = 'pending', number = nextval('orders_number')::text, placed_at = %(now)s, version = version + 1,
        payment_id = %(payment_id)s, payment_status = CASE WHEN %(failed)s THEN 'failed' ELSE payment_status END
    WHERE id = %(id)s AND status = 'opening'
    RETURNING number, version, payment_status, captured_minor
"""


def lock(order_id: Any) -> Order:
    """The order's row, locked until the open transaction ends."""
    return Order.objects.select_for_update().get(pk=order_id)


def refuse_imported(order: Order) -> None:
    """Refuse what would move money or stock of an order that was sold elsewhere (OrderImported)."""
    if order.is_imported:
        raise OrderImported


def move(order: Order, to: str, *, actor: str = SYSTEM, detail: dict[str, Any] | None = None, **changes: Any) -> None:
    """Move an order, locked in the open transaction; refuses what the table does not hold (InvalidTransition).

    With its last move the order of a customer who was erased meanwhile forgets him.
    """
    if to not in MOVES[order.status]:
        raise InvalidTransition(status=order.status, asked=str(to))
    unmoved = Order.objects.filter(pk=order.pk, status=order.status)
    forgotten = erasure.forgotten(order) if to in Order.FINAL and order.customer_erased_at else {}
    if not unmoved.update(status=to, version=F("version") + 1, **changes, **forgotten):
        raise InvalidTransition(status=order.status, asked=str(to))
    order.status = to
    for name, value in (changes | forgotten).items():
        setattr(order, name, value)
    note(order, str(to), actor=actor, detail=detail)
    if forgotten:
        erasure.tell(order)


def place(order: Order, *, payment_id: Any, failed: bool) -> TimelineEntry:
    """The move from `opening` to `pending`, which numbers the order: its checkout's steps have all succeeded."""
    now = clock.now()
    values = {"id": order.pk, "now": now, "payment_id": payment_id, "failed": failed}
    with connections[current_alias()].cursor() as cursor:
        cursor.execute(_PLACE, values)
        row = cursor.fetchone()
    if row is None:
        raise InvalidTransition(status=order.status, asked=Status.PENDING.value)
    order.number, order.version, order.payment_status, order.captured_minor = row
    order.status, order.placed_at, order.payment_id = Status.PENDING, now, payment_id
    return note(order, "placed")


def change(order: Order, **changes: Any) -> None:
    """In the open transaction, change the order's columns besides its status; whoever edits it must read it again."""
    for name, value in changes.items():
        setattr(order, name, value)
    Order.objects.filter(pk=order.pk).update(version=F("version") + 1, **changes)


def note(order: Order, event: str, *, actor: str = SYSTEM, detail: dict[str, Any] | None = None) -> TimelineEntry:
    """Write what happened on the order's timeline."""
    using = router.db_for_write(TimelineEntry)
    return TimelineEntry.objects.using(using).create(
        order_id=order.pk, at=clock.now(), event=event, actor=actor, detail=detail or {}
    )
