"""What waits for people in the admin: events and steps that were parked, and the way to try them again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from ecommerce.kernel import parked
from ecommerce.kernel.admin_pages import ReadOnly
from ecommerce.kernel.models import InboxEvent, Step


class ParkedAdmin(ReadOnly, ModelAdmin):
    """Shows what is not done yet, parked first; replaying gives it another round of attempts."""

    paginator = InfinitePaginator
    actions = ("replay",)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Who may change such rows at all."""
        return request.user.has_perm(f"kernel.change_{self.opts.model_name}")

    def announce(self, request: HttpRequest, count: int) -> None:
        """Say what was done."""
        messages.success(request, f"{count} tried again.")


@admin.register(InboxEvent)
class InboxEventAdmin(ParkedAdmin):
    list_display = ("received_at", "name", "listener", "aggregate_id", "attempts", "parked_at", "last_error")
    list_filter = ("listener",)
    ordering = ("parked_at", "position")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboxEvent]:
        rows: QuerySet[InboxEvent] = super().get_queryset(request)
        return rows.filter(handled_at=None)

    @admin.action(description="Try again (parked ones)", permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[InboxEvent]) -> None:
        self.announce(request, parked.replay_events([row.pk for row in queryset]))


@admin.register(Step)
class StepAdmin(ParkedAdmin):
    list_display = ("created_at", "name", "module", "aggregate_id", "attempts", "status", "last_error")
    list_filter = ("status", "module")
    ordering = ("position",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Step]:
        rows: QuerySet[Step] = super().get_queryset(request)
        return rows.filter(status__in=["pending", "parked"])

    @admin.action(description="Try again (parked ones)", permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.announce(request, parked.replay_steps([row.position for row in queryset]))
