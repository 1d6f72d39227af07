"""What buyers send back: asked for, approved or rejected, received, and then refunded and put on the shelf."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.driver import drive
from ecommerce.kernel.errors import Refused
from ecommerce.kernel.events import publish
from ecommerce.kernel.leases import Lease, claim
from ecommerce.kernel.steps import Run, add_steps, begin, step
from modules.catalog import service as catalog_service
from modules.catalog.contracts import StockLine
from modules.orders.contracts import InvalidTransition, ReturnNotFound, ReturnPeriodOver
from modules.orders.events import ReturnReceived, ReturnRejected, ReturnRequested
from modules.orders.logic import refunds, states
from modules.orders.logic.open_edits import refuse_while_edited
from modules.orders.logic.portions import Asked, Portion, left_to_refund, lines_of, pick
from modules.orders.logic.purposes import ORDERS
from modules.orders.logic.refund_lines import by_portions, not_given_back
from modules.orders.models import Order, OrderLine, Refund, Return, ReturnItem
from modules.payments.contracts import RefundExceedsCaptured

Status = Return.Status

# The lease on steps that were written just now, and they.
Driven = tuple[Lease, list[Run]]

MOVES = {
    Status.REQUESTED: frozenset({Status.APPROVED, Status.RECEIVED, Status.REJECTED}),
    Status.APPROVED: frozenset({Status.RECEIVED, Status.REJECTED}),
    Status.RECEIVED: frozenset[str](),
    Status.REJECTED: frozenset[str](),
}


@dataclass(frozen=True, kw_only=True)
class AskedBack(Asked):
    """So many units of a line that somebody wishes to send back, and why."""

    reason: str = ""


def request_return(
    order_id: UUID, items: Sequence[AskedBack], *, actor: str, by_staff: bool, claim_id: UUID | None
) -> Return:
    """Ask to send something back. Refuses an order that is not delivered (InvalidTransition), one that was delivered
    too long ago, but for staff (ReturnPeriodOver), and more than is left (InvalidQuantity). Repeating a claim finds
    its return again."""
    with atomic(Order):
        order = states.lock(order_id)
        written = Return.objects.filter(idempotency_id=claim_id).first() if claim_id else None
        if written is not None:
            return written
        _require_returnable(order, by_staff=by_staff)
        lines = lines_of(order)
        left = left_to_return(order)
        portions = pick(lines, items, left)
        return _write(order, portions, items, actor=actor, claim_id=claim_id)


def approve_return(order_id: UUID, return_id: UUID, *, actor: str) -> Return:
    """Tell the buyer to send it. Again changes nothing."""
    with atomic(Order):
        order, wanted = _lock(order_id, return_id)
        if wanted.status != Status.APPROVED:
            _move(order, wanted, Status.APPROVED, actor=actor, decided_at=clock.now())
    return wanted


def reject_return(order_id: UUID, return_id: UUID, *, answer: str, actor: str) -> Return:
    """Tell the buyer that it is not taken; its units may be asked about again. Again changes nothing."""
    with atomic(Order):
        order, wanted = _lock(order_id, return_id)
        if wanted.status != Status.REJECTED:
            refuse_while_edited(order)
            _move(order, wanted, Status.REJECTED, actor=actor, answer=answer, decided_at=clock.now())
            publish(ReturnRejected(**_told(order, wanted)))
    return wanted


def receive_return(order_id: UUID, return_id: UUID, *, restock: bool, actor: str) -> Return:
    """Note that it has arrived, give its share back without the shipping, and put it on the shelf where `restock`.

    Again changes nothing. A refund that payments refuses is told by the timeline: the goods are here all the same.
    """
    with atomic(Order):
        order, wanted = _lock(order_id, return_id)
        if wanted.status == Status.RECEIVED:
            driven, begun = _received_before(wanted)
        else:
            refuse_while_edited(order)
            driven, begun = _receive(order, wanted, restock=restock, actor=actor)
    if driven:
        drive(*driven)
    if begun:
        with suppress(Refused):
            refunds.carry_on(begun)
    return wanted


def receive_for_exchange(order: Order, wanted: Return, *, restock: bool, actor: str) -> None:
    """In the open transaction, the order locked: note that it has arrived; what it comes to is the exchange's."""
    _note_received(order, wanted, lines_of(order), actor=actor)
    if restock:
        add_steps(wanted.pk, [put_back])


def returnable_until(order: Order) -> datetime | None:
    """Until when its buyer may ask to send something back (UTC); None where it is not delivered."""
    return order.delivered_at + timedelta(days=settings.RETURN_DAYS) if order.delivered_at else None


def left_to_return(order: Order) -> Callable[[OrderLine], int]:
    """How many units of a line of this order may still be asked to be sent back: those that were sent, are in no
    return, and were not given back without one."""
    live, still_open = _units(order, Return.LIVE), _units(order, Return.OPEN)
    return lambda line: max(min(line.fulfilled - live[line.pk], left_to_refund(line) - still_open[line.pk]), 0)


@step
def put_back(run: Run) -> None:
    """What was received is on the shelf again."""
    items = ReturnItem.objects.filter(return_of=run.aggregate_id).order_by("line__position")
    units = items.values_list("line__variant_id", "quantity")
    catalog_service.return_stock(
        reference=run.aggregate_id,
        lines=[StockLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in units],
    )


def _require_returnable(order: Order, *, by_staff: bool) -> None:
    states.refuse_imported(order)
    until = returnable_until(order)
    if order.status != Order.Status.DELIVERED or until is None:
        raise InvalidTransition(status=order.status, asked=Order.FulfilmentStatus.RETURNED.value)
    if not by_staff and clock.now() > until:
        raise ReturnPeriodOver(until=until.isoformat())


def _units(order: Order, statuses: Sequence[str]) -> Counter[UUID]:
    """How many units of each line are in returns of these statuses."""
    items = ReturnItem.objects.filter(return_of__order=order, return_of__status__in=statuses)
    units: Counter[UUID] = Counter()
    for line_id, quantity in items.values_list("line_id", "quantity"):
        units[line_id] += quantity
    return units


def _write(
    order: Order, portions: Sequence[Portion], items: Sequence[AskedBack], *, actor: str, claim_id: UUID | None
) -> Return:
    reasons = {item.line_id: item.reason for item in items}
    wanted = Return.objects.create(order=order, idempotency_id=claim_id, requested_at=clock.now())
    ReturnItem.objects.bulk_create(
        ReturnItem(return_of=wanted, line=portion.line, quantity=portion.quantity, reason=reasons[portion.line.pk])
        for portion in portions
    )
    states.change(order)
    states.note(order, "return_requested", actor=actor, detail={"return_id": str(wanted.pk)})
    publish(ReturnRequested(**_told(order, wanted)))
    return wanted


def _lock(order_id: UUID, return_id: UUID) -> tuple[Order, Return]:
    order = states.lock(order_id)
    wanted = Return.objects.filter(order=order, pk=return_id).first()
    if wanted is None:
        raise ReturnNotFound
    return order, wanted


def _move(order: Order, wanted: Return, to: Status, *, actor: str, **changes: Any) -> None:
    if to not in MOVES[Status(wanted.status)]:
        raise InvalidTransition(status=wanted.status, asked=to.value)
    for name, value in (changes | {"status": to}).items():
        setattr(wanted, name, value)
    Return.objects.filter(pk=wanted.pk).update(status=to, **changes)
    states.change(order)
    states.note(order, f"return_{to.value}", actor=actor, detail={"return_id": str(wanted.pk)})


def _receive(order: Order, wanted: Return, *, restock: bool, actor: str) -> tuple[Driven | None, refunds.Begun | None]:
    lines = lines_of(order)
    _note_received(order, wanted, lines, actor=actor)
    return begin(wanted.pk, [put_back]) if restock else None, _give_back(order, wanted, lines, actor=actor)


def _note_received(order: Order, wanted: Return, lines: Sequence[OrderLine], *, actor: str) -> None:
    _move(order, wanted, Status.RECEIVED, actor=actor, received_at=clock.now())
    publish(ReturnReceived(**_told(order, wanted)))
    _settle_returned(order, lines)


def _received_before(wanted: Return) -> tuple[Driven | None, refunds.Begun | None]:
    """What is still to be done for it, as far as nobody else is at it."""
    lease, written = claim(ORDERS, wanted.pk), Refund.objects.filter(return_of=wanted).first()
    return (lease, []) if lease else None, refunds.Begun(refund=written) if written else None


def _give_back(order: Order, wanted: Return, lines: Sequence[OrderLine], *, actor: str) -> refunds.Begun | None:
    if not (portions := portions_of(wanted, lines)):
        return None
    draft = by_portions(portions, not_given_back(order, lines), shipping=False, cancelled={})
    try:
        return refunds.write_refund(order, draft, Refund(return_of=wanted, actor=actor))
    except RefundExceedsCaptured as refusal:
        # So much is not there any more: the goods are here all the same.
        states.note(order, "refund_failed", actor=actor, detail={"code": refusal.code})
        return None


def portions_of(wanted: Return, lines: Sequence[OrderLine]) -> list[Portion]:
    """What of the return is given back: at most what has not been, since staff may have been quicker."""
    quantities = dict(wanted.items.values_list("line_id", "quantity"))
    units = [(line, min(quantities.get(line.pk, 0), left_to_refund(line))) for line in lines]
    return [Portion(line=line, quantity=quantity) for line, quantity in units if quantity]


def _settle_returned(order: Order, lines: Sequence[OrderLine]) -> None:
    """Once everything that was sent is back, the order's fulfilment says so."""
    back = _units(order, [Status.RECEIVED])
    if all(back[line.pk] == line.fulfilled for line in lines):
        states.change(order, fulfilment_status=Order.FulfilmentStatus.RETURNED)


def _told(order: Order, wanted: Return) -> dict[str, Any]:
    return {
        "order_id": order.pk,
        "number": order.number or "",
        "customer_id": order.customer_id,
        "return_id": wanted.pk,
    }
