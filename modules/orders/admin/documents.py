"""Invoices and credit notes in the admin: to be looked at and printed."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from ecommerce.kernel.money import Money
from modules.orders.logic import documents
from modules.orders.models import Document

DOWNLOAD = "orders_document_pdf"


@admin.register(Document)
class DocumentAdmin(ReadOnly, Uncounted, ModelAdmin):
    list_display = ["number", "kind", "order_number", "total", "issued_at", "pdf"]
    list_filter = ["kind", "series"]
    list_select_related = ["order"]
    search_fields = ["=number", "=order__number"]
    ordering = ["-issued_at", "-series", "-position"]
    fields = ["number", "kind", "order_number", "corrects", "total", "issued_at", "language", "pdf"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("snapshot")

    def get_urls(self) -> list[Any]:
        pdf = path("<uuid:document_id>/pdf/", self.admin_site.admin_view(self.download), name=DOWNLOAD)
        return [pdf, *super().get_urls()]

    def download(self, request: HttpRequest, document_id: Any) -> HttpResponse:
        """Its pages."""
        document = get_object_or_404(Document, pk=document_id)
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        headers = {"Content-Disposition": f'inline; filename="{documents.file_name(document)}"'}
        return HttpResponse(documents.pages_of(document), content_type="application/pdf", headers=headers)

    @admin.display(description="order")
    def order_number(self, document: Document) -> str:
        return document.order.number or ""

    @admin.display(description="total")
    def total(self, document: Document) -> str:
        return str(Money(minor=document.total_minor, currency=document.currency))

    @admin.display(description="PDF")
    def pdf(self, document: Document) -> str:
        return format_html('<a href="{}">{}.pdf</a>', reverse(f"admin:{DOWNLOAD}", args=[document.pk]), document.number)
