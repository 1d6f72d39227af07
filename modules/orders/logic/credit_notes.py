"""What is given back of an invoiced order gets a credit note; together they never take back more than the invoice."""

from django.db.models import Q, QuerySet

from ecommerce.kernel.steps import Run, step
from modules.orders.logic import documents, states
from modules.orders.logic.document_contents import Content, refund_content, rest_content
from modules.orders.logic.documents import Correction
from modules.orders.models import Document, Order, Refund


@step
def credit_refund(run: Run) -> None:
    """The credit note of a refund that was paid: one for each invoice that it takes back of.

    None where there is no invoice yet (issuing it comes back to this), where no money went back, or where the order was
    called off and the credit note of that has taken all that was left.
    """
    refund = Refund.objects.get(pk=run.aggregate_id)
    with run.done(Order):
        order = states.lock(refund.order_id)
        if refund.status != Refund.Status.SUCCEEDED:
            return
        items = list(refund.items.order_by("line__position"))
        for invoice in _not_credited(order, refund):
            content = refund_content(order, refund, items, invoice.snapshot)
            _write(order, content, Correction(invoice=invoice, refund=refund))


@step
def credit_the_rest(run: Run) -> None:
    """The credit notes of an order that was called off, over all of its invoices that no other has taken."""
    with run.done(Order):
        order = states.lock(run.aggregate_id)
        notes = list(documents.credit_notes_of(order))
        done = {note.corrects_id for note in notes if note.refund_id is None}
        for invoice in documents.invoices_of(order):
            if invoice.pk in done:
                continue
            taken = [note.snapshot for note in notes if note.corrects_id == invoice.pk]
            _write(order, rest_content(order, invoice.snapshot, taken), Correction(invoice=invoice, refund=None))


def _not_credited(order: Order, refund: Refund) -> QuerySet[Document]:
    """The order's invoices of which neither this refund's credit note nor one over all the rest has taken anything."""
    done = documents.credit_notes_of(order).filter(Q(refund=refund) | Q(refund=None))
    return documents.invoices_of(order).exclude(pk__in=done.order_by().values("corrects"))


def _write(order: Order, content: Content, correction: Correction) -> None:
    # Over nothing there is nothing to correct.
    if content.total:
        documents.write(order, content, correction)
