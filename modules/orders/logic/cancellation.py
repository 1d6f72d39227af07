"""Calling an order off before anything is shipped: stock first, then the money, then the coupons."""

from contextlib import suppress
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
from modules.orders.logic import states
from modules.orders.logic.late_payments import refund_all
from modules.orders.logic.purposes import ORDER, ORDERS, reference
from modules.orders.models import Order
from modules.payments import service as payments_service
from modules.payments.contracts import CancelOutcome

Status = Order.Status


def cancel(order_id: UUID, *, actor: str, reason: str) -> Order:
    """Call an order off; refuses one that is shipped or has ended otherwise. Again changes nothing."""
    with atomic(Order):
        order = states.lock(order_id)
        if order.status == Status.CANCELLED:
            return order
        _cancel(order, actor=actor, reason=reason)
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
        cancel(order.pk, actor=states.SYSTEM, reason="replaced by a newer order of the same cart")


@step
def give_stock_back(run: Run) -> None:
    """Let the held stock go, or return it where it was sold already."""
    order = Order.objects.get(pk=run.aggregate_id)
    try:
        catalog_service.release_hold(order_id=order.stock_reference)
    except HoldCommitted:
        lines = order.lines.order_by("position").values_list("variant_id", "quantity")
        catalog_service.return_stock(
            reference=reference(order.pk, "cancel"),
            lines=[StockLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in lines],
        )


@step
def give_money_back(run: Run) -> None:
    """Close the payment, or refund what was captured."""
    outcome = payments_service.cancel_payment(order_id=run.aggregate_id, purpose=ORDER)
    if outcome in (CancelOutcome.UNKNOWN, CancelOutcome.AUTHORIZED):
        raise Unavailable("The payment is not closed yet.", dependency="payments")
    if outcome == CancelOutcome.CAPTURED:
        with run.done(Order):
            refund_all(states.lock(run.aggregate_id), why="cancel")


@step
def give_coupons_back(run: Run) -> None:
    """The coupons may be used again."""
    order = Order.objects.get(pk=run.aggregate_id)
    cart_service.release_redemption(order_id=order.stock_reference)


def _cancel(order: Order, *, actor: str, reason: str) -> None:
    states.move(order, Status.CANCELLED, actor=actor, detail={"reason": reason}, cancelled_at=clock.now())
    publish(OrderCancelled(order_id=order.pk, number=order.number or "", customer_id=order.customer_id))
    add_steps(order.pk, [give_stock_back, give_money_back, give_coupons_back], instead=True)
