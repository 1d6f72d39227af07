"""Calling an order off before anything is shipped: stock first, then the money, then the coupons."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.driver import drive
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.events import publish
from ecommerce.kernel.leases import claim
from ecommerce.kernel.steps import Run, add_steps, step
from modules.cart import service as cart_service
from modules.catalog import service as catalog_service
from modules.catalog.contracts import HoldCommitted, StockLine
from modules.orders.contracts import CartAlreadyOrdered, InvalidTransition
from modules.orders.events import OrderCancelled
from modules.orders.logic import refunds, states
from modules.orders.logic.credit_notes import credit_the_rest
from modules.orders.logic.edit_steps import UNDO
from modules.orders.logic.late_payments import refund_all
from modules.orders.logic.open_edits import end, find_open, refuse_while_edited
from modules.orders.logic.portions import Asked, left_to_cancel, left_to_ship, lines_of, pick
from modules.orders.logic.purposes import ORDER, ORDERS, reference
from modules.orders.logic.refund_lines import by_portions, not_given_back
from modules.orders.logic.shipments import SHIPPABLE
from modules.orders.models import Order, OrderEdit, OrderLine, Refund
from modules.payments import service as payments_service
from modules.payments.contracts import CancelOutcome

Status = Order.Status


@dataclass(frozen=True, kw_only=True)
class CancelWish:
    """What is called off: the whole order, or so many units of some lines."""

    asked: Sequence[Asked] | None = None
    reason: str = ""


def cancel(order_id: UUID, wish: CancelWish, *, actor: str, claim_id: UUID | None = None) -> Order:
    """Call an order off, or units of it that are not shipped yet.

    Whole: refuses one of which something is shipped, or that has ended otherwise (InvalidTransition); again changes
    nothing. By line: also refuses an order that is not paid, and more than is left (InvalidQuantity); the units are
    refunded and go back on the shelf, repeating a claim changes nothing. All that there is, is the whole order.
    """
    with atomic(Order):
        order = states.lock(order_id)
        states.refuse_imported(order)
        lines = lines_of(order)
        # Asked first: repeated, what was a part may by now be all that is left.
        begun = refunds.find_begun(claim_id)
        if begun is None and wish.asked is not None and not _is_all(lines, wish.asked):
            refuse_while_edited(order)
            begun = _cancel_lines(order, lines, wish, actor=actor, claim_id=claim_id)
        elif begun is None and order.status == Status.CANCELLED:
            return order
        elif begun is None:
            _cancel(order, actor=actor, reason=wish.reason)
    if begun is not None:
        refunds.carry_on(begun)
        return Order.objects.get(pk=order_id)
    lease = claim(ORDERS, order_id)
    if lease is not None:
        # What cannot be done now (a provider that is away) the relay goes on with.
        drive(lease, patient=True)
    return Order.objects.get(pk=order_id)


def close_for_newer_cart(order: Order) -> None:
    """Make room for a newer version of its cart: the payment is closed first, so that nobody pays for both.

    Refuses when it turns out to be paid (CartAlreadyOrdered), or when that cannot be known (Unavailable). Whether it
    is closed then is for the caller to look at: it may have ended, or been confirmed, by itself meanwhile.
    """
    outcome = payments_service.cancel_payment(order_id=order.pk, purpose=ORDER)
    if outcome == CancelOutcome.UNKNOWN:
        raise Unavailable("The earlier order's payment is still open.", dependency="payments", retry_after=2)
    if outcome != CancelOutcome.CANCELLED:
        raise CartAlreadyOrdered(order_id=str(order.pk))
    with suppress(InvalidTransition):
        cancel(order.pk, CancelWish(reason="replaced by a newer order of the same cart"), actor=states.SYSTEM)


@step
def give_stock_back(run: Run) -> None:
    """Let the held stock go, or return it where it was sold already."""
    order = Order.objects.get(pk=run.aggregate_id)
    try:
        catalog_service.release_hold(order_id=order.stock_reference)
    except HoldCommitted:
        # Units that were cancelled before went their own way.
        lines = [(line.variant_id, line.quantity - line.cancelled) for line in lines_of(order)]
        catalog_service.return_stock(
            reference=reference(order.pk, "cancel"),
            lines=[StockLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in lines if quantity],
        )


@step
def give_money_back(run: Run) -> None:
    """Close the payment, or refund what was captured, for the order and for what was added to it."""
    outcome = payments_service.cancel_payment(order_id=run.aggregate_id, purpose=ORDER, even_authorized=True)
    if outcome in (CancelOutcome.UNKNOWN, CancelOutcome.AUTHORIZED):
        raise Unavailable("The payment is not closed yet.", dependency="payments")
    with run.done(Order):
        order = states.lock(run.aggregate_id)
        if outcome == CancelOutcome.CAPTURED or order.edits_captured_minor:
            refund_all(order, why="cancel")
            # After the money: only then is the sale undone for the tax office, too (§ 17 Abs. 2 Nr. 3 UStG).
            add_steps(order.pk, [credit_the_rest])


@step
def give_coupons_back(run: Run) -> None:
    """The coupons may be used again."""
    order = Order.objects.get(pk=run.aggregate_id)
    cart_service.release_redemption(order_id=order.stock_reference)


def _is_all(lines: Sequence[OrderLine], asked: Sequence[Asked]) -> bool:
    """Whether these are all units that are left of an order of which nothing is shipped."""
    wanted: Counter[UUID] = Counter()
    for one in asked:
        wanted[one.line_id] += one.quantity
    # Of other orders' lines there is nothing here.
    return wanted == Counter({line.pk: left_to_ship(line) for line in lines}) and not any(
        line.fulfilled for line in lines
    )


def _cancel_lines(
    order: Order, lines: Sequence[OrderLine], wish: CancelWish, *, actor: str, claim_id: UUID | None
) -> refunds.Begun:
    if order.status not in SHIPPABLE:
        raise InvalidTransition(status=order.status, asked=Status.CANCELLED.value)
    portions = pick(lines, wish.asked, left_to_cancel)
    cancelled = {portion.line.pk: portion.quantity for portion in portions}
    draft = by_portions(portions, not_given_back(order, lines), shipping=False, cancelled=cancelled)
    states.note(order, "items_cancelled", actor=actor, detail={"reason": wish.reason} if wish.reason else None)
    new = Refund(reason=wish.reason, restock=True, actor=actor, idempotency_id=claim_id)
    return refunds.write_refund(order, draft, new)


def _cancel(order: Order, *, actor: str, reason: str) -> None:
    if (edit := find_open(order)) is not None:
        edit.order = order
        end(edit, OrderEdit.Status.CANCELLED, UNDO, actor=actor)
    states.move(order, Status.CANCELLED, actor=actor, detail={"reason": reason}, cancelled_at=clock.now())
    publish(OrderCancelled(order_id=order.pk, number=order.number or "", customer_id=order.customer_id))
    add_steps(order.pk, [give_stock_back, give_money_back, give_coupons_back], instead=True)
