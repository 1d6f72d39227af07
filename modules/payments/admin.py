"""Payments in the admin: to look at. What changes a payment is an action of logic/, never a form."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from modules.payments.models import Entry, Payment, ProviderEvent


class ReadOnly(ModelAdmin):
    """Nothing is added, changed or deleted here."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(Payment)
class PaymentAdmin(ReadOnly):
    list_display = ("id", "order_id", "purpose", "provider", "status", "amount_minor", "currency", "created_at")
    list_filter = ("status", "provider", "currency")
    search_fields = ("=id", "=order_id")
    ordering = ("-id",)
    exclude = ("token_hash", "client_secret")


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnly):
    list_display = ("event_id", "provider", "type", "attempt_id", "received_at", "handled_at")
    list_filter = ("provider", "type")
    search_fields = ("=event_id", "=attempt_id")
    ordering = ("-id",)
    exclude = ("body",)


@admin.register(Entry)
class EntryAdmin(ReadOnly):
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
