"""Disputes in the admin: what waits for evidence first. Evidence is given on the provider's own pages."""

from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, F, Q
from django.db.models.expressions import ExpressionWrapper
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from ecommerce.kernel.admin_words import moment, money, spaced
from modules.payments.admin import links, words
from modules.payments.admin.filters import DisputeStatusFilter, ProviderFilter
from modules.payments.models import Dispute

IS_OPEN = ExpressionWrapper(Q(status__in=words.OPEN_DISPUTES), output_field=BooleanField())


@admin.register(Dispute)
class DisputeAdmin(ReadOnly, Uncounted, ModelAdmin):
    list_display = ("evidence_until", "state", "amount", "taken", "why", "provider", "of_payment", "opened")
    list_display_links = None
    list_filter = (DisputeStatusFilter, ProviderFilter)
    list_filter_sheet = True
    list_select_related = ("payment",)
    search_fields = ("=provider_reference",)
    search_help_text = "The provider's name of a dispute"
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    fields = (
        "evidence_until",
        "state",
        "amount",
        "taken",
        "why",
        "provider",
        "provider_reference",
        "of_payment",
        "opened",
    )
    readonly_fields = ("evidence_until", "state", "amount", "taken", "why", "of_payment", "opened")

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return (IS_OPEN.desc(), F("evidence_due_at").asc(nulls_last=True), "-opened_at", "-id")

    @display(description="evidence until (UTC)", label=words.COLOURS)
    def evidence_until(self, dispute: Dispute) -> tuple[str, str]:
        return words.deadline(dispute)

    @display(description="status", label=words.COLOURS)
    def state(self, dispute: Dispute) -> tuple[str, str]:
        return dispute.status, spaced(dispute.status)

    @display()
    def amount(self, dispute: Dispute) -> str:
        return money(dispute.amount_minor, dispute.payment.currency)

    @display(description="held by the bank")
    def taken(self, dispute: Dispute) -> str:
        return money(dispute.withdrawn_minor - dispute.reinstated_minor, dispute.payment.currency)

    @display(description="reason")
    def why(self, dispute: Dispute) -> str:
        return spaced(dispute.reason) or "-"

    @display(description="payment")
    def of_payment(self, dispute: Dispute) -> Any:
        return links.anchor(links.of_payment(dispute.payment_id), "the payment")

    @display(description="opened (UTC)")
    def opened(self, dispute: Dispute) -> str:
        return moment(dispute.opened_at)
