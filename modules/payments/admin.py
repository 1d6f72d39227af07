"""Payments in the admin: to look at. What changes a payment is an action of logic/, never a form."""

from typing import Any

from django.contrib import admin
from unfold.admin import ModelAdmin

from ecommerce.kernel.admin_pages import ReadOnly
from modules.payments.models import Entry, Payment, ProviderEvent


@admin.register(Payment)
class PaymentAdmin(ReadOnly, ModelAdmin):
    list_display = ("id", "order_id", "purpose", "provider", "status", "amount_minor", "currency", "created_at")
    list_filter = ("status", "provider", "currency")
    search_fields = ("=id", "=order_id")
    ordering = ("-id",)
    exclude = ("token_hash", "client_secret")


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnly, ModelAdmin):
    list_display = ("event_id", "provider", "type", "attempt_id", "received_at", "handled_at")
    list_filter = ("provider", "type")
    search_fields = ("=event_id", "=attempt_id")
    ordering = ("-id",)
    exclude = ("body",)


@admin.register(Entry)
class EntryAdmin(ReadOnly, ModelAdmin):
    list_display = ("posted_at", "kind", "order_id", "account", "amount_minor", "currency")
    list_filter = ("account", "currency", "posting__kind")
    list_select_related = ("posting",)
    search_fields = ("=posting__order_id",)
    ordering = ("-id",)

    @admin.display(ordering="posting__posted_at")
    def posted_at(self, entry: Entry) -> Any:
        return entry.posting.posted_at

    @admin.display(ordering="posting__kind")
    def kind(self, entry: Entry) -> str:
        return entry.posting.kind

    @admin.display()
    def order_id(self, entry: Entry) -> Any:
        return entry.posting.order_id
