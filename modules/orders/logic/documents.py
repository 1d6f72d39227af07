"""Writing documents, and finding them: what was issued once is what everybody sees of it ever after."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from modules.orders.contracts import DocumentNotFound, InvoiceNotReady
from modules.orders.logic.document_contents import Content
from modules.orders.logic.document_numbers import shop_time, take_number
from modules.orders.models import Document, Order, OrderEdit, Refund

Kind = Document.Kind


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a credit note is about: an invoice, and the refund that it is for (None: all that was left of it)."""

    invoice: Document
    refund: Refund | None


def write(
    order: Order, content: Content, correction: Correction | None = None, *, edit: OrderEdit | None = None
) -> Document:
    """Issue a document in the open transaction, the order locked. Nothing slow may come after it: its number is taken
    from everybody else until the transaction ends."""
    kind = Kind.CREDIT_NOTE if correction else Kind.INVOICE
    numbered = take_number(kind)
    document = Document(
        kind=kind,
        order=order,
        corrects=correction.invoice if correction else None,
        refund=correction.refund if correction else None,
        edit=edit,
        series=numbered.series,
        position=numbered.position,
        number=numbered.number,
        issued_at=numbered.issued_at,
        language=content.language,
        currency=content.currency,
        tax_minor=content.tax,
        total_minor=content.total,
        snapshot=content.snapshot
        | {
            "kind": kind.value,
            "number": numbered.number,
            "issued_on": shop_time(numbered.issued_at).date().isoformat(),
        },
    )
    document.save(force_insert=True)
    return document


def find_invoice(order_id: UUID) -> Document | None:
    """The order's invoice, where it was issued: of what it was when it was bought."""
    return Document.objects.filter(order_id=order_id, kind=Kind.INVOICE, edit=None).first()


def invoices_of(order: Order) -> QuerySet[Document]:
    """The order's invoices, in the order in which they were issued: its own, and one for each edit that added to it."""
    return Document.objects.filter(order=order, kind=Kind.INVOICE).order_by("issued_at", "series", "position")


def get_invoice(order: Order) -> Document:
    """The order's invoice; until it is paid for and confirmed there is none (InvoiceNotReady)."""
    if (invoice := find_invoice(order.pk)) is None:
        raise InvoiceNotReady
    return invoice


def credit_notes_of(order: Order) -> QuerySet[Document]:
    """The order's credit notes, in the order in which they were issued."""
    return Document.objects.filter(order=order, kind=Kind.CREDIT_NOTE).order_by("issued_at", "series", "position")


def get_one_invoice(order: Order, document_id: UUID) -> Document:
    """One of its invoices; refuses what is not the order's (DocumentNotFound)."""
    if (invoice := invoices_of(order).filter(pk=document_id).first()) is None:
        raise DocumentNotFound
    return invoice


def get_credit_note(order: Order, document_id: UUID) -> Document:
    """One of them; refuses what is not the order's (DocumentNotFound)."""
    if (note := credit_notes_of(order).filter(pk=document_id).first()) is None:
        raise DocumentNotFound
    return note


def file_name(document: Document) -> str:
    """What its file is called: its number, which has nothing in it that a file name must not have."""
    return f"{document.number}.pdf"


def pages_of(document: Document) -> bytes:
    """It as PDF; drawn anew each time, to the same bytes."""
    # Here, since the library behind it would make every start of the shop slower.
    from modules.orders.logic.document_pages import as_pdf

    return as_pdf(document.snapshot)
