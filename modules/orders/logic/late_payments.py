"""Money that comes when the order has already ended: the order revives if it still can, else the money goes back."""

from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Conflict, Invalid
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.cart import service as cart_service
from modules.catalog import service as catalog_service
from modules.catalog.contracts import StockLine
from modules.orders.contracts import InvalidTransition
from modules.orders.logic import states
from modules.orders.logic.confirmation import confirm_if_paid
from modules.orders.logic.purposes import reference
from modules.orders.logic.redeeming import customer_key
from modules.orders.models import Order
from modules.payments import service as payments_service
from modules.payments.contracts import RefundExceedsCaptured

Status = Order.Status


def settle_if_ended(order: Order) -> None:
    """In the open transaction, decide what becomes of money for an order that has ended."""
    if _may_revive(order) and order.captured_minor >= order.total_minor:
        # Each time more comes: what could not revive it before is not tried in vain, and goes back as well.
        add_steps(order.pk, [NewStep(take_again, key=str(order.captured_minor))])
    elif order.status in Order.ENDED_UNSOLD:
        refund_all(order, why="late payment")


def refund_all(order: Order, *, why: str) -> None:
    """In the open transaction, give back whatever was captured; what is captured later goes back by its own refund."""
    which = f"{why} {order.captured_minor}"
    arguments = {"why": why, "refund_reference": reference(order.pk, which)}
    add_steps(order.pk, [NewStep(refund_everything, arguments, key=which)])


@step
def take_again(run: Run) -> None:
    """Hold stock and coupons under a new reference and revive the order; refund it where that is not possible."""
    order = Order.objects.get(pk=run.aggregate_id)
    again = reference(order.pk, "late payment")
    try:
        _take(order, again)
        with run.done(Order):
            _revive(order, again)
    except (Conflict, Invalid, IntegrityError):
        with run.done(Order):
            _give_up(states.lock(order.pk), again)


@step
def let_go_again(run: Run) -> None:
    """Release what was taken for an order that could not be revived."""
    again = reference(run.aggregate_id, "late payment")
    catalog_service.release_hold(order_id=again)
    cart_service.release_redemption(order_id=again)


@step
def refund_everything(run: Run, *, why: str, refund_reference: UUID) -> None:
    """Give back all that is left of the order's payments."""
    try:
        payments_service.refund_order(
            order_id=run.aggregate_id,
            reference=refund_reference,
            amount=None,
            split=None,
            reason=why,
        )
    except RefundExceedsCaptured as refusal:
        # Nothing is left: another refund has given it back already. One that came in between is asked about again.
        if refusal.details:
            raise


def _give_up(order: Order, again: UUID) -> None:
    # Revived meanwhile, it lives on what was taken.
    if order.stock_reference != again:
        # Let go by a step of its own: a driver whose lease ran out must not release what the next one has taken.
        add_steps(order.pk, [let_go_again])
    if order.status in Order.ENDED_UNSOLD:
        refund_all(order, why="late payment")


def _may_revive(order: Order) -> bool:
    # Of a customer who was erased nobody knows where to send it.
    return order.status == Status.EXPIRED and order.customer_erased_at is None


def _take(order: Order, again: UUID) -> None:
    lines = order.lines.order_by("position").values_list("variant_id", "quantity")
    catalog_service.hold_stock(
        order_id=again,
        lines=[StockLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in lines],
        until=clock.now(),
    )
    if order.coupon_codes or order.discounts:
        cart_service.redeem(
            order_id=again,
            promotion_ids=[discount["promotion_id"] for discount in order.discounts],
            codes=order.coupon_codes,
            customer_key=customer_key(order.customer_id, order.email),
        )


def _revive(order: Order, again: UUID) -> None:
    locked = states.lock(order.pk)
    if not _may_revive(locked):
        raise InvalidTransition(status=locked.status, asked=Status.PENDING.value)
    # The cart may have been ordered again since: then the unique index on live carts refuses, and the money goes back.
    states.move(locked, Status.PENDING, detail={"why": "paid after expiry"}, stock_reference=again)
    confirm_if_paid(locked)
