"""Invoices and credit notes over HTTP, as PDF."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.money import Money, api_money
from ecommerce.kernel.rest.problems import MEDIA_TYPE
from ecommerce.kernel.rest.renderers import JSONRenderer
from ecommerce.kernel.rest.schema import PROBLEM
from modules.orders.api import document_serializers as serializers
from modules.orders.api.permissions import MaySeeOrder
from modules.orders.api.views import TOKEN
from modules.orders.logic import documents
from modules.orders.models import Document, Order

PDF = "application/pdf"


class PDFRenderer(JSONRenderer):
    """So that who asks for a PDF is not refused (406). Pages are answered as they are: what is rendered is problems."""

    media_type = PDF
    format = "pdf"


class InvoiceView(APIView):
    """The order's invoice, once it is paid and confirmed; until then 409 `invoice_not_ready`."""

    permission_classes = [MaySeeOrder]
    renderer_classes = [PDFRenderer, JSONRenderer]
    operation_ids = {"get": "orders_invoice"}
    order: Order

    @extend_schema(parameters=[TOKEN], responses={(200, PDF): OpenApiTypes.BINARY, (409, MEDIA_TYPE): PROBLEM.ref})
    def get(self, request: Request, order_id: UUID) -> HttpResponse:
        return pdf_answer(documents.get_invoice(self.order))


class InvoicesView(APIView):
    """The order's invoices, oldest first: its own, and one for each edit that added to it."""

    permission_classes = [MaySeeOrder]
    operation_ids = {"get": "orders_invoices_list"}
    order: Order

    @extend_schema(parameters=[TOKEN], responses={200: serializers.InvoicesSerializer})
    def get(self, request: Request, order_id: UUID) -> Response:
        found = documents.invoices_of(self.order).defer("snapshot")
        return Response({"results": [invoice_answer(invoice) for invoice in found]})


class OneInvoiceView(APIView):
    """One of them."""

    permission_classes = [MaySeeOrder]
    renderer_classes = [PDFRenderer, JSONRenderer]
    operation_ids = {"get": "orders_one_invoice"}
    order: Order

    @extend_schema(parameters=[TOKEN], responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, order_id: UUID, document_id: UUID) -> HttpResponse:
        return pdf_answer(documents.get_one_invoice(self.order, document_id))


class CreditNotesView(APIView):
    """What was taken back of the order's invoices, oldest first."""

    permission_classes = [MaySeeOrder]
    operation_ids = {"get": "orders_credit_notes_list"}
    order: Order

    @extend_schema(parameters=[TOKEN], responses={200: serializers.CreditNotesSerializer})
    def get(self, request: Request, order_id: UUID) -> Response:
        notes = documents.credit_notes_of(self.order).defer("snapshot")
        return Response({"results": [credit_note_answer(note) for note in notes]})


class CreditNoteView(APIView):
    """One credit note."""

    permission_classes = [MaySeeOrder]
    renderer_classes = [PDFRenderer, JSONRenderer]
    operation_ids = {"get": "orders_credit_note"}
    order: Order

    @extend_schema(parameters=[TOKEN], responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, order_id: UUID, document_id: UUID) -> HttpResponse:
        return pdf_answer(documents.get_credit_note(self.order, document_id))


def invoice_answer(invoice: Document) -> dict[str, Any]:
    """What a list tells of an invoice."""
    return _document_answer(invoice) | {"edit_id": invoice.edit_id}


def credit_note_answer(note: Document) -> dict[str, Any]:
    """What a list tells of a credit note."""
    return _document_answer(note) | {"invoice_id": note.corrects_id, "refund_id": note.refund_id}


def _document_answer(document: Document) -> dict[str, Any]:
    """Amounts are positive, whatever the document."""

    def money(minor: int) -> dict[str, str]:
        return api_money(Money(minor=minor, currency=document.currency))

    return {
        "id": document.pk,
        "number": document.number,
        "issued_at": document.issued_at,
        "tax": money(document.tax_minor),
        "total": money(document.total_minor),
    }


def pdf_answer(document: Document) -> HttpResponse:
    """The document's pages, under its number; they hold an address, so nobody between keeps them."""
    headers = {
        "Content-Disposition": f'inline; filename="{documents.file_name(document)}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(documents.pages_of(document), content_type=PDF, headers=headers)
