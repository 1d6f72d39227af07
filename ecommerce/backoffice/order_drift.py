"""Payments against orders, and holds against orders, for what was begun in a stretch of time.

Money that belongs to no order is abandoned money: once it is a day old it is mended by giving it back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from ecommerce.kernel import clock
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.ids import first_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.money import total as sum_of
from modules.catalog import service as catalog_service
from modules.catalog.contracts import HoldStatus, StockHold
from modules.orders import service as orders_service
from modules.orders.contracts import Order, OrderStatus
from modules.payments import service as payments_service
from modules.payments.contracts import CancelOutcome, Payment, PaymentStatus

PAGE = 200
# As long as an order may be on its way from its payment to where it is seen.
A_DAY = timedelta(days=1)

SOLD = frozenset((OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED))
SENT = frozenset((OrderStatus.SHIPPED, OrderStatus.DELIVERED))
ENDED = frozenset((OrderStatus.CANCELLED, OrderStatus.EXPIRED))


class OrderDriftKind(StrEnum):
    """In what payments, orders and stock holds do not fit together."""

    PAID_WITHOUT_ORDER = "paid_without_order"
    PAID_AFTER_END = "paid_after_end"
    AUTHORIZED_WITHOUT_ORDER = "authorized_without_order"
    SENT_WITHOUT_CAPTURE = "sent_without_capture"
    SOLD_UNPAID = "sold_unpaid"
    PAID_NOT_CONFIRMED = "paid_not_confirmed"
    OVERPAID = "overpaid"
    STUCK_HOLD = "stuck_hold"


@dataclass(frozen=True, kw_only=True)
class OrderDrift:
    """One difference, in the same words as payments' own."""

    kind: OrderDriftKind
    reference: str
    here: str
    there: str
    payment_id: UUID | None = None
    order_id: UUID | None = None
    is_safe: bool = False
    is_fixed: bool = False


def find_payment_drift(provider: str, since: datetime, until: datetime, *, fix: bool) -> Iterator[list[OrderDrift]]:
    """Page by page, the payments of a provider that were begun in this time and do not fit their orders."""
    after, end = first_id(since), first_id(until)
    while page := payments_service.get_payments(after=after, limit=PAGE):
        after = page[-1].id
        ours = [payment for payment in page if payment.id < end and payment.provider == provider]
        yield [_fixed(drift) if fix else drift for drift in _judge_all(ours)]
        if after >= end:
            return


def find_hold_drift(since: datetime, until: datetime, *, fix: bool) -> Iterator[list[OrderDrift]]:
    """Page by page, stock that is held for an order of this time that has ended, or that nobody knows."""
    after, end = first_id(since), first_id(until)
    while page := catalog_service.list_holds(after=after, limit=PAGE):
        after = page[-1].order_id
        held = [hold for hold in page if hold.status == HoldStatus.HELD and hold.order_id < end]
        orders = _orders([hold.order_id for hold in held])
        drifts = [drift for hold in held if (drift := _judge_hold(hold, orders.get(hold.order_id)))]
        yield [_fixed(drift) if fix else drift for drift in drifts]
        if after >= end:
            return


def _judge_all(payments: list[Payment]) -> Iterator[OrderDrift]:
    orders = _orders([payment.order_id for payment in payments])
    sold = [order.id for order in orders.values() if order.status in SOLD]
    # An order's payments together pay for it: those of its edits are begun at other times.
    all_of_it: dict[UUID, list[Payment]] = {}
    for payment in payments_service.get_payments(order_ids=sold) if sold else []:
        all_of_it.setdefault(payment.order_id, []).append(payment)
    for payment in payments:
        order = orders.get(payment.order_id)
        if order is None or order.status in ENDED:
            yield from _judge_unwanted(payment, order)
        else:
            yield from _judge_wanted(payment, order, all_of_it.get(order.id, [payment]))


def _judge_unwanted(payment: Payment, order: Order | None) -> Iterator[OrderDrift]:
    is_old = payment.created_at < clock.now() - A_DAY
    status = order.status.value if order else "unknown"
    kept = payment.captured - payment.refunded - payment.disputed
    if kept.minor > 0:
        kind = OrderDriftKind.PAID_AFTER_END if order else OrderDriftKind.PAID_WITHOUT_ORDER
        yield replace(_about(kind, payment), here=f"order {status}", there=_amount(kept), is_safe=is_old)
    elif payment.status == PaymentStatus.AUTHORIZED:
        kind = OrderDriftKind.AUTHORIZED_WITHOUT_ORDER
        yield replace(_about(kind, payment), here=f"order {status}", there=_amount(payment.amount), is_safe=is_old)


def _judge_wanted(payment: Payment, order: Order, payments: list[Payment]) -> Iterator[OrderDrift]:
    if order.is_imported:
        return
    kept = sum_of([one.captured - one.refunded for one in payments], order.total.currency)
    captured = sum_of([one.captured for one in payments], order.total.currency) + order.set_off
    promised = sum_of([one.amount for one in payments if one.status == PaymentStatus.AUTHORIZED], order.total.currency)
    here = f"order {order.number} {order.status.value} {_amount(order.total)}"
    if order.status in SENT and payment.status == PaymentStatus.AUTHORIZED:
        kind = OrderDriftKind.SENT_WITHOUT_CAPTURE
        yield replace(_about(kind, payment), here=here, there=_amount(payment.amount), is_safe=True)
    elif order.status in SOLD and captured + promised < order.total:
        yield replace(_about(OrderDriftKind.SOLD_UNPAID, payment), here=here, there=_amount(captured))
    elif order.status == OrderStatus.PENDING and captured >= order.total:
        yield replace(_about(OrderDriftKind.PAID_NOT_CONFIRMED, payment), here=here, there=_amount(captured))
    elif order.total < kept:
        yield replace(_about(OrderDriftKind.OVERPAID, payment), here=here, there=_amount(kept))


def _judge_hold(hold: StockHold, order: Order | None) -> OrderDrift | None:
    is_over = hold.until is None or hold.until < clock.now() - A_DAY
    if order is not None and order.status not in ENDED:
        return None
    if order is None and not is_over:
        # A checkout on its way.
        return None
    return OrderDrift(
        kind=OrderDriftKind.STUCK_HOLD,
        reference=str(hold.order_id),
        here=f"order {order.status.value if order else 'unknown'}",
        there=f"{sum(line.quantity for line in hold.lines)} held",
        order_id=hold.order_id,
        is_safe=is_over,
    )


def _fixed(drift: OrderDrift) -> OrderDrift:
    """The same, mended where that is safe and succeeds."""
    if not drift.is_safe:
        return drift
    try:
        return replace(drift, is_fixed=_mend(drift))
    except ServiceError:
        return drift


def _mend(drift: OrderDrift) -> bool:
    if drift.kind == OrderDriftKind.STUCK_HOLD:
        catalog_service.release_hold(order_id=UUID(drift.reference))
        return True
    order_ids = [drift.order_id] if drift.order_id else []
    payments = payments_service.get_payments(order_ids=order_ids)
    return all(MENDS[drift.kind](payment) for payment in payments if payment.id == drift.payment_id)


def _give_back(payment: Payment) -> bool:
    after = payments_service.refund_order(
        order_id=payment.order_id,
        purpose=payment.purpose,
        # The same for the same money, so that two runs give it back once.
        reference=uuid5(payment.id, f"abandoned {payment.captured.minor}"),
        amount=None,
        split=None,
        reason="abandoned",
    )
    return all(one.refunded + one.disputed >= one.captured for one in after)


def _let_go(payment: Payment) -> bool:
    outcome = payments_service.cancel_payment(order_id=payment.order_id, purpose=payment.purpose, even_authorized=True)
    return outcome == CancelOutcome.CANCELLED


def _capture(payment: Payment) -> bool:
    after = payments_service.capture_payment(order_id=payment.order_id, purpose=payment.purpose, amount=None)
    return after.captured >= after.amount


MENDS = {
    OrderDriftKind.PAID_WITHOUT_ORDER: _give_back,
    OrderDriftKind.PAID_AFTER_END: _give_back,
    OrderDriftKind.AUTHORIZED_WITHOUT_ORDER: _let_go,
    OrderDriftKind.SENT_WITHOUT_CAPTURE: _capture,
}


def _orders(ids: Iterable[UUID]) -> dict[UUID, Order]:
    wanted = list(dict.fromkeys(ids))
    return {order.id: order for order in orders_service.get_orders(ids=wanted)} if wanted else {}


def _about(kind: OrderDriftKind, payment: Payment) -> OrderDrift:
    return OrderDrift(
        kind=kind, reference=str(payment.id), here="", there="", payment_id=payment.id, order_id=payment.order_id
    )


def _amount(money: Money) -> str:
    return f"{money.amount} {money.currency}"
