"""What payment events mean for an order.

These run inside the inbox's transaction: they write local state and steps, and call nobody.
"""

from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import Run, add_steps, step
from modules.orders.logic import late_payments, states
from modules.orders.logic.confirmation import confirm_if_paid, recognise_if_sold
from modules.orders.logic.invoices import invoice_if_sold
from modules.orders.logic.purposes import ORDER, edit_of_purpose
from modules.orders.models import Order, OrderEdit, Refund
from modules.payments import service as payments_service
from modules.payments.contracts import CancelOutcome

Payment = Order.PaymentStatus


def record_authorized(order_id: UUID, authorized: Money) -> None:
    """The provider holds money for this order; enough of it confirms the order."""
    order = states.lock(order_id)
    if order.status in Order.ENDED_UNSOLD:
        add_steps(order.pk, [let_authorization_go])
        return
    if order.payment_status not in (Payment.UNPAID, Payment.FAILED) or authorized.minor < order.total_minor:
        return
    states.change(order, payment_status=Payment.AUTHORIZED)
    states.note(order, "payment_authorized", detail={"amount": authorized.amount})
    confirm_if_paid(order)


@step
def let_authorization_go(run: Run) -> None:
    """The order had ended before the money was authorised: it is not kept from the buyer."""
    outcome = payments_service.cancel_payment(order_id=run.aggregate_id, purpose=ORDER, even_authorized=True)
    if outcome in (CancelOutcome.UNKNOWN, CancelOutcome.AUTHORIZED):
        raise Unavailable("The authorisation is not let go yet.", dependency="payments")


def record_captured(order_id: UUID, captured: Money) -> None:
    """So much has been taken in all; enough of it confirms the order, or is given back when the order has ended."""
    order = states.lock(order_id)
    # What was taken for its edits, or set off, counts besides.
    in_all = captured.minor + order.edits_captured_minor + order.set_off_minor
    if in_all <= order.captured_minor:
        return
    is_paid = in_all >= order.total_minor
    states.change(
        order,
        captured_minor=in_all,
        payment_status=Payment.PAID if is_paid else Payment.PARTIALLY_PAID,
        paid_at=(order.paid_at or clock.now()) if is_paid else None,
    )
    states.note(order, "payment_captured", detail={"amount": captured.amount, "currency": captured.currency})
    confirm_if_paid(order)
    recognise_if_sold(order)
    invoice_if_sold(order)
    late_payments.settle_if_ended(order)


def record_voided(order_id: UUID) -> None:
    """What was authorised was let go, or has lapsed: nothing will come of it any more."""
    order = states.lock(order_id)
    if order.payment_status == Payment.AUTHORIZED:
        states.change(order, payment_status=Payment.UNPAID)
    states.note(order, "payment_voided")


def record_failed(order_id: UUID, code: str) -> None:
    """An attempt was declined: the buyer may try again until the order expires."""
    order = states.lock(order_id)
    if order.payment_status == Payment.UNPAID:
        states.change(order, payment_status=Payment.FAILED)
    states.note(order, "payment_failed", detail={"code": code})


def record_refund_returned(order_id: UUID, refund_reference: UUID, amount: Money) -> None:
    """A refund that was said to be made has come back: staff have to give that money some other way.

    What the order says of its goods, and the credit note, stay: it is still owed. Paid once more from the payment
    itself it counts as that refund.
    """
    order = states.lock(order_id)
    if Refund.objects.filter(pk=refund_reference).exclude(status=Refund.Status.SUCCEEDED).exists():
        # Refused at once: whoever asked for it has been told.
        return
    states.note(order, "refund_returned", detail={"amount": amount.amount, "currency": amount.currency})


def record_dispute(order_id: UUID, event: str, detail: dict[str, str]) -> None:
    """The buyer disputes the payment, or that has ended: noted, and nothing else; the order stays what it is."""
    states.note(states.lock(order_id), event, detail=detail)


def note_refunded(order: Order, purpose: str, refunded: Money) -> None:
    """The same for an order that is locked in the open transaction."""
    edit_id = edit_of_purpose(purpose)
    more = _more_of_edit(order, edit_id, refunded) if edit_id else _more_of_order(order, refunded)
    if more > 0:
        _count_refunded(order, more)
        states.note(order, "refunded", detail={"amount": refunded.amount, "currency": refunded.currency})


def note_set_off(order: Order, amount: Money) -> None:
    """In the open transaction, the order locked: so much was given back by what was added for it."""
    _count_refunded(order, amount.minor)
    states.note(order, "set_off", detail={"amount": amount.amount, "currency": amount.currency})


def _more_of_order(order: Order, refunded: Money) -> int:
    return refunded.minor - (order.refunded_minor - order.edits_refunded_minor - order.set_off_minor)


def _more_of_edit(order: Order, edit_id: UUID, refunded: Money) -> int:
    edit = OrderEdit.objects.get(pk=edit_id)
    more = refunded.minor - edit.refunded_minor
    if more <= 0:
        return 0
    OrderEdit.objects.filter(pk=edit_id).update(refunded_minor=refunded.minor)
    if edit.status != OrderEdit.Status.APPLIED:
        # It never was the order's money.
        return 0
    states.change(order, edits_refunded_minor=order.edits_refunded_minor + more)
    return more


def _count_refunded(order: Order, more: int) -> None:
    refunded = order.refunded_minor + more
    is_all = refunded >= order.captured_minor
    states.change(
        order,
        refunded_minor=refunded,
        payment_status=Payment.REFUNDED if is_all else Payment.PARTIALLY_REFUNDED,
    )
