"""Orders that are not paid in time."""

from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.events import publish
from ecommerce.kernel.steps import NewStep, Run, add_steps, has_step, step
from modules.orders.events import OrderExpired
from modules.orders.logic import states
from modules.orders.logic.cancellation import give_coupons_back, give_stock_back
from modules.orders.logic.purposes import ORDER
from modules.orders.models import Order
from modules.payments import service as payments_service
from modules.payments.contracts import CancelOutcome

Status = Order.Status
NOTHING_PAID = (Order.PaymentStatus.UNPAID, Order.PaymentStatus.FAILED)


def expire_due(limit: int = 500) -> int:
    """Begin to expire every pending order whose time to pay is over; repeating it is safe."""
    # Those that were begun before and still wait (for a provider, or for staff) must not crowd out the others.
    due = Order.objects.filter(~has_step(close_unpaid), status=Status.PENDING, payable_until__lt=clock.now())
    order_ids = list(due.order_by("payable_until").values_list("pk", flat=True)[:limit])
    return sum(_begin(order_id) for order_id in order_ids)


@step
def close_unpaid(run: Run) -> None:
    """Close the payment: closed, the order expires; paid after all, the payment's own event confirms it."""
    outcome = payments_service.cancel_payment(order_id=run.aggregate_id, purpose=ORDER)
    if outcome == CancelOutcome.UNKNOWN:
        raise Unavailable("The payment's outcome is not known yet.", dependency="payments")
    if outcome != CancelOutcome.CANCELLED:
        return
    with run.done(Order):
        order = states.lock(run.aggregate_id)
        # Money that came between the answer and this lock confirms the order: its stock is still held.
        if order.status == Status.PENDING and order.payment_status in NOTHING_PAID:
            states.move(order, Status.EXPIRED)
            publish(OrderExpired(order_id=order.pk, number=order.number or "", customer_id=order.customer_id))
            # Under a key of their own: paid after all and cancelled then, the order gives back once more.
            add_steps(
                order.pk, [NewStep(one, key=Status.EXPIRED.value) for one in (give_stock_back, give_coupons_back)]
            )


def _begin(order_id: UUID) -> bool:
    with atomic(Order):
        order = states.lock(order_id)
        if order.status != Status.PENDING:
            return False
        add_steps(order_id, [close_unpaid])
    return True
