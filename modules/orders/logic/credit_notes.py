"""What is given back of an invoiced order gets a credit note; together they never take back more than the invoice."""

from ecommerce.kernel.steps import Run, step
from modules.orders.logic import documents, states
from modules.orders.logic.document_contents import Content, refund_content, rest_content
from modules.orders.logic.documents import Correction
from modules.orders.models import Document, Order, Refund


@step
def credit_refund(run: Run) -> None:
    """The credit note of a refund that was paid.

    None where there is no invoice yet (issuing it comes back to this), where no money went back, or where the order was
    called off and the credit note of that has taken all that was left.
    """
    refund = Refund.objects.get(pk=run.aggregate_id)
    with run.done(Order):
        order = states.lock(refund.order_id)
        invoice = documents.find_invoice(order.pk)
        if invoice is None or refund.status != Refund.Status.SUCCEEDED or _is_credited(order, refund):
            return
        items = list(refund.items.order_by("line__position"))
        _write(
            order, refund_content(order, refund, items, invoice.snapshot), Correction(invoice=invoice, refund=refund)
        )


@step
def credit_the_rest(run: Run) -> None:
    """The credit note of an order that was called off, over all of its invoice that no other has taken."""
    with run.done(Order):
        order = states.lock(run.aggregate_id)
        invoice = documents.find_invoice(order.pk)
        notes = list(documents.credit_notes_of(order))
        if invoice is None or any(note.refund_id is None for note in notes):
            return
        content = rest_content(order, invoice.snapshot, [note.snapshot for note in notes])
        _write(order, content, Correction(invoice=invoice, refund=None))


def _is_credited(order: Order, refund: Refund) -> bool:
    notes = documents.credit_notes_of(order)
    return notes.filter(refund=refund).exists() or notes.filter(refund=None).exists()


def _write(order: Order, content: Content, correction: Correction) -> Document | None:
    # Over nothing there is nothing to correct.
    return documents.write(order, content, correction) if content.total else None
