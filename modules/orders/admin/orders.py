"""Orders in the admin: to be looked at; what staff do to them comes through logic/."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from ecommerce.kernel.admin_pages import ReadOnly
from modules.orders.models import Order, OrderLine, TimelineEntry


class LineInline(ReadOnly, TabularInline):
    model = OrderLine
    fields = ["position", "sku", "title", "quantity", "unit_price_minor", "discount_minor", "tax_minor", "total_minor"]


class TimelineInline(ReadOnly, TabularInline):
    model = TimelineEntry
    fields = ["at", "event", "actor", "detail"]


@admin.register(Order)
class OrderAdmin(ReadOnly, ModelAdmin):
    list_display = ["number", "status", "payment_status", "email", "total_minor", "currency", "placed_at"]
    list_filter = ["status", "payment_status"]
    search_fields = ["=number", "=email"]
    ordering = ["-placed_at"]
    show_full_result_count = False
    inlines = [LineInline, TimelineInline]
