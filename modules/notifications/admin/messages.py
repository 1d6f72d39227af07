"""Messages in the admin: to be read, and to be sent again."""

from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from modules.notifications.logic import parked
from modules.notifications.models import Delivery, Message, Suppression, Tracking, WebhookEndpoint


class DeliveryInline(ReadOnly, TabularInline):
    model: type[Model] = Delivery
    fields = ("status", "code", "detail", "provider_id", "started_at", "finished_at")
    ordering = ("pk",)
    extra = 0


class TrackingInline(ReadOnly, TabularInline):
    model: type[Model] = Tracking
    fields = ("outcome", "detail", "provider", "at")
    ordering = ("pk",)
    extra = 0


@admin.register(Suppression)
class SuppressionAdmin(Uncounted, ReadOnly, ModelAdmin):
    """Who knows that an address works again takes it off here."""

    list_display = ("address", "reason", "created_at")
    list_filter = ("reason",)
    search_fields = ("address__exact",)
    search_help_text = "A whole address, in small letters"
    ordering = ("-pk",)

    def has_delete_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return bool(request.user.has_perm("notifications.delete_suppression"))


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(Uncounted, ReadOnly, ModelAdmin):
    """Made and changed by the API, which shows their secrets; here is seen how they do."""

    list_display = ("__str__", "url", "disabled_reason", "failing_since", "created_at")
    list_filter = ("disabled_reason",)
    fields = (
        *("url", "description", "events", "disabled_reason", "disabled_at", "failures", "failing_since"),
        *("paused_until", "previous_secret_until", "version", "created_at", "removed_at"),
    )
    ordering = ("-pk",)


@admin.register(Message)
class MessageAdmin(ReadOnly, ModelAdmin):
    list_display = ("created_at", "topic", "order_id", "channel", "status", "attempts", "segments", "cost", "sent_at")
    list_filter = ("status", "topic", "channel")
    search_fields = ("order_id", "customer_id")
    search_help_text = "The id of an order or of a customer"
    ordering = ("-pk",)
    # Counting all messages for each page would read the whole table.
    show_full_result_count = False
    paginator = InfinitePaginator
    inlines = (DeliveryInline, TrackingInline)
    actions = ("replay",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        if not search_term:
            return queryset, False
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            return queryset.none(), False
        return queryset.filter(Q(order_id=wanted) | Q(customer_id=wanted)), False

    @admin.action(description="Send again (parked ones)", permissions=["replay"])
    def replay(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        count = parked.replay(list(chosen.values_list("pk", flat=True)))
        messages.success(request, f"{count} to be sent again")

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("notifications.change_message"))
