"""Providers' events in the admin: that they came and were handled, never what they say."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from modules.payments.admin import links, search
from modules.payments.admin.filters import ProviderFilter, UnhandledFilter
from modules.payments.models import ProviderEvent


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnly, Uncounted, ModelAdmin):
    list_display = ("received_at", "provider", "type", "event_id", "reference", "payment", "is_handled")
    list_filter = (UnhandledFilter, ProviderFilter)
    list_filter_sheet = True
    search_fields = ("event_id",)
    search_help_text = search.OF_EVENTS
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ("-received_at", "-id")
    # It may hold names and addresses.
    exclude = ("body",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderEvent]:
        # Nor is it read.
        found: QuerySet[ProviderEvent] = super().get_queryset(request).defer("body")
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ProviderEvent], search_term: str
    ) -> tuple[QuerySet[ProviderEvent], bool]:
        term = search_term.strip()
        return (search.events(queryset, term) if term else queryset), False

    @display()
    def reference(self, event: ProviderEvent) -> str:
        return event.provider_reference or "-"

    @display()
    def payment(self, event: ProviderEvent) -> Any:
        # Which one it is the search knows: no row asks for it.
        about = event.attempt_id or event.provider_reference
        return links.anchor(links.found(about), "its payment") if about else "-"

    @display(description="handled", boolean=True)
    def is_handled(self, event: ProviderEvent) -> bool:
        return event.handled_at is not None
