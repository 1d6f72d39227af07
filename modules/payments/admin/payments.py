"""Payments in the admin: the list of them, the page of each, and the pages on which money is moved by hand."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from ecommerce.kernel.admin_words import moment, money, spaced
from modules.payments.admin import act_pages, payment_page, search, words
from modules.payments.admin.acts import ACTS
from modules.payments.admin.filters import (
    CreatedFilter,
    CurrencyFilter,
    DisputedFilter,
    PaymentStatusFilter,
    ProviderFilter,
)
from modules.payments.models import Payment


@admin.register(Payment)
class PaymentAdmin(ReadOnly, Uncounted, ModelAdmin):
    list_display = ("created", "state", "amount", "captured", "refunded", "disputed", "provider", "purpose", "order_id")
    list_filter = (PaymentStatusFilter, ProviderFilter, CurrencyFilter, DisputedFilter, CreatedFilter)
    list_filter_sheet = True
    search_fields = ("id",)
    search_help_text = search.OF_PAYMENTS
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    # Ids grow with time.
    ordering = ("-id",)

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        acts = [
            path(
                f"<uuid:payment_id>/{name}/",
                guarded(partial(act_pages.view, self, kind)),
                name=f"payments_payment_{name}",
            )
            for name, kind in ACTS.items()
        ]
        return [*acts, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        # What was cancelled before it began is no payment.
        found: QuerySet[Payment] = super().get_queryset(request).filter(is_tombstone=False)
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Payment], search_term: str
    ) -> tuple[QuerySet[Payment], bool]:
        term = search_term.strip()
        return (search.payments(queryset, term) if term else queryset), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of a payment; not a form, since nothing of a payment is edited by hand."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        payment: Payment | None = self.get_object(request, object_id)
        if payment is None:
            raise Http404
        context = payment_page.context(payment, request.user) | {"opts": self.opts}
        return render(request, "admin/payments/payment.html", self.admin_site.each_context(request) | context)

    @display(description="begun (UTC)")
    def created(self, payment: Payment) -> str:
        return moment(payment.created_at)

    @display(description="status", label=words.COLOURS)
    def state(self, payment: Payment) -> tuple[str, str]:
        return payment.status, spaced(payment.status)

    @display()
    def amount(self, payment: Payment) -> str:
        return money(payment.amount_minor, payment.currency)

    @display()
    def captured(self, payment: Payment) -> str:
        return _unless_nothing(payment.captured_minor, payment)

    @display()
    def refunded(self, payment: Payment) -> str:
        return _unless_nothing(payment.refunded_minor, payment)

    @display()
    def disputed(self, payment: Payment) -> str:
        return _unless_nothing(payment.disputed_minor, payment)


def _unless_nothing(minor: int, payment: Payment) -> str:
    return money(minor, payment.currency) if minor else "-"
