"""The steps of a checkout and their undoing.

Forward: hold the stock, redeem the coupons, start the payment; with the last one the order is placed. A refusal turns
round: what was done, or may have been done, is undone backwards, the payment first; if it turns out to be paid after
all, the order is placed instead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Refused, ServiceError, Unavailable
from ecommerce.kernel.events import publish
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import Run, add_steps, is_passing, skip_steps, step
from modules.cart import service as cart_service
from modules.catalog import service as catalog_service
from modules.catalog.contracts import StockLine
from modules.orders.contracts import OrderNotPlaced
from modules.orders.events import OrderPlaced
from modules.orders.logic import states
from modules.orders.logic.confirmation import confirm_if_paid
from modules.orders.logic.purposes import ORDER, ORDERS
from modules.orders.models import Order, TimelineEntry
from modules.payments import service as payments_service
from modules.payments.contracts import CancelOutcome, Payment, PaymentStatus, ProviderUnreachable, Split

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Placing:
    """What placing left for the request that drove it: the order's new fields, its payment, its timeline."""

    order: Order
    payment: Payment | None
    entry: TimelineEntry


@step
def hold_stock(run: Run, *, lines: list[StockLine], until: datetime, payable_until: datetime) -> None:
    """Step 1: all lines or none."""
    with _turning_round_if_refused(run, payable_until):
        catalog_service.hold_stock(order_id=run.aggregate_id, lines=lines, until=until)


@step
def redeem_coupons(
    run: Run, *, promotion_ids: list[UUID], codes: list[str], customer_key: str, payable_until: datetime
) -> None:
    """Step 2, where there is anything to redeem."""
    with _turning_round_if_refused(run, payable_until):
        cart_service.redeem(
            order_id=run.aggregate_id, promotion_ids=promotion_ids, codes=codes, customer_key=customer_key
        )


@step
def start_payment(
    run: Run,
    *,
    amount: Money,
    split: Split,
    provider: str,
    method: str | None,
    payer_id: UUID | None,
    token_hash: str,
    payable_until: datetime,
) -> None:
    """Step 3: begin the payment, and with it place the order."""
    with _turning_round_if_refused(run, payable_until):
        payment = payments_service.start_payment(
            order_id=run.aggregate_id,
            purpose=ORDER,
            amount=amount,
            split=split,
            provider=provider,
            method=method,
            payer_id=payer_id,
            token_hash=token_hash,
            payable_until=payable_until,
            captures_later=settings.PAYMENTS_CAPTURE == "at_shipment",
        )
        order = Order(pk=run.aggregate_id, customer_id=payer_id, total_minor=amount.minor, currency=amount.currency)
        with run.done(Order):
            entry = place(order, payment_id=payment.id, failed=payment.status == PaymentStatus.FAILED)
        run.result = Placing(order=order, payment=payment, entry=entry)


@step
def place_free_order(run: Run, *, payer_id: UUID | None, currency: str) -> None:
    """Step 3 of an order that costs nothing: there is no payment, and it is confirmed at once."""
    order = Order(pk=run.aggregate_id, customer_id=payer_id, total_minor=0, currency=currency)
    with run.done(Order):
        entry = place(order, payment_id=None, failed=False)
    run.result = Placing(order=order, payment=None, entry=entry)


@step
def undo_payment(run: Run) -> None:
    """Cancel the payment, or leave a tombstone where none was started; one that was paid leads forward again."""
    outcome = payments_service.cancel_payment(order_id=run.aggregate_id, purpose=ORDER)
    if outcome == CancelOutcome.UNKNOWN:
        raise Unavailable("The payment's outcome is not known yet.", dependency="payments")
    if outcome == CancelOutcome.CANCELLED:
        return
    payment = payments_service.get_payments(order_ids=[run.aggregate_id])[0]
    with run.done(Order):
        order = states.lock(run.aggregate_id)
        Order.objects.filter(pk=order.pk).update(refusal=None)
        skip_steps(ORDERS, order.pk)
        place(order, payment_id=payment.id, failed=False)


@step
def undo_coupons(run: Run) -> None:
    """Give the coupons back."""
    cart_service.release_redemption(order_id=run.aggregate_id)


@step
def undo_stock(run: Run) -> None:
    """Let the stock go; with this the checkout has ended, and the cart may be ordered again."""
    catalog_service.release_hold(order_id=run.aggregate_id)
    with run.done(Order):
        states.move(states.lock(run.aggregate_id), states.Status.ABANDONED)


UNDO = [undo_payment, undo_coupons, undo_stock]


def place(order: Order, *, payment_id: UUID | None, failed: bool) -> TimelineEntry:
    """Place the order in the open transaction and announce it; what was paid meanwhile confirms it."""
    entry = states.place(order, payment_id=payment_id, failed=failed)
    total = Money(minor=order.total_minor, currency=order.currency)
    publish(OrderPlaced(order_id=order.pk, number=order.number or "", customer_id=order.customer_id, total=total))
    confirm_if_paid(order)
    return entry


@contextmanager
def _turning_round_if_refused(run: Run, payable_until: datetime) -> Iterator[None]:
    """A refusal begins the undoing; so does what cannot be done in time, or is not mended by trying again."""
    try:
        yield
    except Exception as error:
        refusal = _refusal_of(error, run, payable_until)
        if refusal is None:
            raise
        if refusal is not error:
            log.warning("checkout_given_up", order_id=str(run.aggregate_id), step=run.name, exc_info=error)
        with run.done(Order):
            Order.objects.filter(pk=run.aggregate_id).update(refusal=Refused.keep(refusal))
            add_steps(run.aggregate_id, UNDO, instead=True)


def _refusal_of(error: Exception, run: Run, payable_until: datetime) -> ServiceError | None:
    """What the buyer is told for good; None where the step is tried again."""
    if isinstance(error, ServiceError) and not isinstance(error, Unavailable):
        return error
    # Nothing was asked of the provider: what is held is let go at once, and the buyer may try again.
    if isinstance(error, ProviderUnreachable):
        return error
    # Parked it would keep the cart closed, and its stock held, until somebody looks.
    is_hopeless = run.is_last_attempt and not is_passing(error)
    return OrderNotPlaced() if is_hopeless or clock.now() >= payable_until else None
