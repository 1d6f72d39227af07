"""The books in the admin: every entry, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from ecommerce.kernel.admin_words import moment, money
from modules.payments.admin import links, search
from modules.payments.admin.filters import Choice, CurrencyFilter
from modules.payments.contracts import PROVIDERS
from modules.payments.logic import ledger
from modules.payments.models import Entry

ACCOUNTS = (
    *(ledger.clearing(provider) for provider in PROVIDERS),
    ledger.CUSTOMER_DEPOSITS,
    ledger.SALES,
    ledger.TAX_PAYABLE,
    ledger.SHIPPING_INCOME,
    ledger.REFUNDS,
    ledger.REFUNDS_UNALLOCATED,
    ledger.DISPUTES,
    ledger.DISPUTE_LOSSES,
    ledger.FEES,
    ledger.FX,
    ledger.BANK,
)
KINDS = ("capture", "recognise", "refund", "refund_returned", "set_off", "dispute", "fee", "exchange", "payout")


class AccountFilter(Choice):
    title = parameter_name = field = "account"
    values = ACCOUNTS


class KindFilter(Choice):
    title, parameter_name, field = "what happened", "kind", "posting__kind"
    values = KINDS


@admin.register(Entry)
class EntryAdmin(ReadOnly, Uncounted, ModelAdmin):
    list_display = ("posted", "kind", "account", "debit", "credit", "order_id", "of_payment")
    list_display_links = None
    list_filter = (AccountFilter, KindFilter, CurrencyFilter)
    list_filter_sheet = True
    list_select_related = ("posting",)
    search_fields = ("posting__order_id",)
    search_help_text = "The whole id of an order or of a payment"
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ("-id",)
    fields = readonly_fields = ("posted", "kind", "reference", "account", "debit", "credit", "order_id", "of_payment")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        wanted = search.as_id(term)
        if wanted is None:
            return queryset.none(), False
        return queryset.filter(Q(posting__order_id=wanted) | Q(posting__payment_id=wanted)), False

    @display(description="posted (UTC)")
    def posted(self, entry: Entry) -> str:
        return moment(entry.posting.posted_at)

    @display()
    def kind(self, entry: Entry) -> str:
        return entry.posting.kind

    @display()
    def reference(self, entry: Entry) -> str:
        return entry.posting.reference

    @display()
    def debit(self, entry: Entry) -> str:
        return money(entry.amount_minor, entry.currency) if entry.amount_minor > 0 else ""

    @display()
    def credit(self, entry: Entry) -> str:
        return money(-entry.amount_minor, entry.currency) if entry.amount_minor < 0 else ""

    @display(description="order")
    def order_id(self, entry: Entry) -> str:
        return str(entry.posting.order_id or "-")

    @display(description="payment")
    def of_payment(self, entry: Entry) -> Any:
        payment_id = entry.posting.payment_id
        return links.anchor(links.of_payment(payment_id), "the payment") if payment_id else "-"
