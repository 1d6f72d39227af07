"""The steps of an edit: hold what is added, begin to collect the difference, take effect; or give everything back."""

from uuid import UUID

from ecommerce.kernel.errors import Refused, ServiceError, Unavailable
from ecommerce.kernel.events import publish
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import NewStep, Run, StepFunction, add_steps, step
from modules.catalog import service as catalog_service
from modules.catalog.contracts import HoldCommitted, StockLine
from modules.orders.events import OrderEditOffered
from modules.orders.logic import edit_books, edit_effects, invoices, open_edits, states, tokens
from modules.orders.logic.opening import HOLD_LONGER
from modules.orders.logic.purposes import purpose_of_edit, reference
from modules.orders.models import Order, OrderEdit
from modules.payments import service as payments_service
from modules.payments.contracts import CancelOutcome, RefundExceedsCaptured

Status = OrderEdit.Status


def first_steps(edit: OrderEdit, *, adds: bool, method: str | None) -> list[StepFunction | NewStep]:
    """What a new edit needs done."""
    hold: list[StepFunction | NewStep] = [hold_added] if adds else []
    return [*hold, NewStep(start_edit_payment, {"method": method}) if edit.due_minor else apply_edit]


@step
def hold_added(run: Run) -> None:
    """Step 1, where anything is added: all of it or none."""
    edit = OrderEdit.objects.get(pk=run.aggregate_id)
    try:
        catalog_service.hold_stock(order_id=edit.pk, lines=_stock(edit), until=edit.payable_until + HOLD_LONGER)
    except ServiceError as refusal:
        _refuse(run, refusal)


@step
def start_edit_payment(run: Run, *, method: str | None) -> None:
    """Step 2, where something is left to pay: from now on the edit waits for it."""
    edit = OrderEdit.objects.select_related("order").get(pk=run.aggregate_id)
    order = edit.order
    try:
        payment = payments_service.start_payment(
            order_id=order.pk,
            purpose=purpose_of_edit(edit.pk),
            amount=Money(minor=edit.due_minor, currency=order.currency),
            split=edit_books.split_of_due(edit),
            provider=edit.payment_provider,
            method=method,
            payer_id=order.customer_id,
            token_hash=tokens.token_hash(order.pk, order.token_generation),
            payable_until=edit.payable_until,
        )
    except ServiceError as refusal:
        _refuse(run, refusal)
        return
    with run.done(Order):
        order, edit = lock_edit(run.aggregate_id)
        OrderEdit.objects.filter(pk=edit.pk).update(payment_id=payment.id)
        if edit.status == Status.OPENING:
            OrderEdit.objects.filter(pk=edit.pk).update(status=Status.WAITING)
            states.change(order)
            states.note(order, "edit_awaits_payment", actor=edit.actor, detail={"edit_id": str(edit.pk)})
            publish(
                OrderEditOffered(
                    order_id=order.pk,
                    number=order.number or "",
                    customer_id=order.customer_id,
                    edit_id=edit.pk,
                    due=Money(minor=edit.due_minor, currency=order.currency),
                )
            )


@step
def apply_edit(run: Run) -> None:
    """The last step: what is added is sold, and the order is what it was edited to."""
    edit = OrderEdit.objects.get(pk=run.aggregate_id)
    if edit.status not in OrderEdit.OPEN:
        return
    if edit.lines.exists():
        catalog_service.commit_hold(order_id=edit.pk)
    try:
        with run.done(Order):
            order, edit = lock_edit(run.aggregate_id)
            # Called off meanwhile: that gives back what it finds.
            if edit.status in OrderEdit.OPEN:
                edit_effects.take_effect(order, edit)
                add_steps(edit.pk, [recognise_edit, invoice_edit])
    except ServiceError as refusal:
        # Money went back at the provider, say: there is less to set off than there was.
        _refuse(run, refusal)


@step
def recognise_edit(run: Run) -> None:
    """Tell the ledger what was sold for what."""
    edit_books.recognise(OrderEdit.objects.select_related("order").get(pk=run.aggregate_id))


@step
def invoice_edit(run: Run) -> None:
    """What was added gets an invoice of its own."""
    with run.done(Order):
        order, edit = lock_edit(run.aggregate_id)
        invoices.issue_for_edit(order, edit)


@step
def close_edit_payment(run: Run) -> None:
    """Close the payment; what was captured goes back."""
    order, edit = _read(run.aggregate_id)
    outcome = payments_service.cancel_payment(order_id=order.pk, purpose=purpose_of_edit(edit.pk))
    if outcome in (CancelOutcome.UNKNOWN, CancelOutcome.AUTHORIZED):
        raise Unavailable("The payment of the edit is not closed yet.", dependency="payments")
    if outcome == CancelOutcome.CAPTURED:
        _refund_all(order, edit)


@step
def refund_edit_payment(run: Run) -> None:
    """Money that came when the edit had ended goes back."""
    _refund_all(*_read(run.aggregate_id))


@step
def release_added(run: Run) -> None:
    """What was held for it is let go; what was sold already is put back."""
    edit = OrderEdit.objects.get(pk=run.aggregate_id)
    try:
        catalog_service.release_hold(order_id=edit.pk)
    except HoldCommitted:
        catalog_service.return_stock(reference=reference(edit.pk, "undo"), lines=_stock(edit))


@step
def lapse_edit(run: Run) -> None:
    """Not paid in time: its payment is closed, then it lapses; paid after all, the payment's event lets it take
    effect."""
    order, edit = _read(run.aggregate_id)
    if edit.due_minor:
        outcome = payments_service.cancel_payment(order_id=order.pk, purpose=purpose_of_edit(edit.pk))
        if outcome == CancelOutcome.UNKNOWN:
            raise Unavailable("The payment's outcome is not known yet.", dependency="payments")
        if outcome != CancelOutcome.CANCELLED:
            return
    with run.done(Order):
        _, edit = lock_edit(run.aggregate_id)
        if edit.status in OrderEdit.OPEN and not edit.captured_minor:
            open_edits.end(edit, Status.LAPSED, UNDO, actor=states.SYSTEM)


UNDO: list[StepFunction] = [close_edit_payment, release_added]


def lock_edit(edit_id: UUID) -> tuple[Order, OrderEdit]:
    """An edit and its order, in the open transaction; the order is locked, so nobody else changes the edit."""
    order = states.lock(OrderEdit.objects.values_list("order_id", flat=True).get(pk=edit_id))
    edit = OrderEdit.objects.get(pk=edit_id)
    edit.order = order
    return order, edit


def _read(edit_id: UUID) -> tuple[Order, OrderEdit]:
    edit = OrderEdit.objects.select_related("order").get(pk=edit_id)
    return edit.order, edit


def _refuse(run: Run, refusal: ServiceError) -> None:
    """Refused for good: what was done, or may have been, is undone. What may still succeed is raised."""
    if isinstance(refusal, Unavailable):
        raise refusal
    with run.done(Order):
        _, edit = lock_edit(run.aggregate_id)
        if edit.status in OrderEdit.OPEN:
            open_edits.end(edit, Status.REFUSED, UNDO, actor=edit.actor, refusal=Refused.keep(refusal))


def _refund_all(order: Order, edit: OrderEdit) -> None:
    try:
        payments_service.refund_order(
            order_id=order.pk,
            purpose=purpose_of_edit(edit.pk),
            reference=reference(edit.pk, f"undo {edit.captured_minor}"),
            amount=None,
            split=None,
            reason="edit",
        )
    except RefundExceedsCaptured as refusal:
        # Nothing is left: it has gone back already. What came in between is asked about again.
        if refusal.details:
            raise


def _stock(edit: OrderEdit) -> list[StockLine]:
    lines = edit.lines.order_by("position").values_list("variant_id", "quantity")
    return [StockLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in lines]
