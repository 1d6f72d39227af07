"""An order that is confirmed and paid for gets its invoice, once."""

from uuid import UUID

from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.orders.logic import credit_notes, documents, states
from modules.orders.logic.document_contents import Party, addition_content, invoice_content
from modules.orders.logic.document_numbers import shop_time
from modules.orders.logic.portions import lines_of
from modules.orders.logic.sellers import seller
from modules.orders.models import Document, Order, OrderEdit, Refund, Shipment

Status = Order.Status

# One that was called off before its invoice was issued gets none: its money goes back.
SOLD = (Status.CONFIRMED, Status.PROCESSING, Status.SHIPPED, Status.DELIVERED)


def is_paid(order: Order) -> bool:
    """Whether all of it was captured; one that costs nothing is paid for."""
    return order.captured_minor >= order.total_minor


def invoice_if_sold(order: Order) -> None:
    """In the open transaction, the order locked: begin to invoice one that is confirmed and paid for. Repeating it does
    nothing."""
    if order.status in SOLD and is_paid(order):
        add_steps(order.pk, [issue_invoice])


@step
def issue_invoice(run: Run) -> None:
    """Number and freeze the order's invoice; not of one that was called off meanwhile, nor twice."""
    order_id = run.aggregate_id
    with run.done(Order):
        order = states.lock(order_id)
        if order.status in SOLD and is_paid(order) and documents.find_invoice(order_id) is None:
            _credit_what_was_given_back(order_id, "invoiced")
            lines = [line for line in lines_of(order) if line.edit_id is None]
            documents.write(order, invoice_content(order, lines, _party(order)))


def issue_for_edit(order: Order, edit: OrderEdit) -> None:
    """In the open transaction, the order locked: an invoice of what an edit has added. Repeating changes nothing."""
    if order.status not in SOLD or not edit.added_minor or Document.objects.filter(edit=edit).exists():
        return
    _credit_what_was_given_back(order.pk, f"invoiced {edit.pk}")
    lines = [line for line in lines_of(order) if line.edit_id == edit.pk]
    documents.write(order, addition_content(order, lines, _party(order)), edit=edit)


def _party(order: Order) -> Party:
    shipped = Shipment.objects.filter(order=order).order_by("-shipped_at").values_list("shipped_at", flat=True).first()
    days = [shop_time(at).date().isoformat() if at else None for at in (order.placed_at, order.paid_at, shipped)]
    ordered_on, paid_on, supplied_on = days
    return Party(seller=seller(), ordered_on=ordered_on or "", paid_on=paid_on, supplied_on=supplied_on)


def _credit_what_was_given_back(order_id: UUID, key: str) -> None:
    """Refunds that were quicker than the invoice had nothing to correct: they get their credit notes now."""
    for refund in Refund.objects.filter(order_id=order_id, status=Refund.Status.SUCCEEDED).order_by("pk"):
        add_steps(refund.pk, [NewStep(credit_notes.credit_refund, key=key)])
