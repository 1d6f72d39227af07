"""What buyers say, in the admin: staff read it, then show it or not."""

from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from modules.catalog.admin.searches import OfProducts
from modules.catalog.logic import moderation
from modules.catalog.models import Review


@admin.register(Review)
class ReviewAdmin(OfProducts, ReadOnly, Uncounted, ModelAdmin):
    """What waits for staff, the oldest first: read it, then show it or not."""

    list_display = ("created_at", "product", "stars", "title", "body", "author_name", "status")
    list_select_related = ("product",)
    list_filter = ("status",)
    search_fields = ("product__slug", "product__variants__sku")
    ordering = ("created_at", "id")
    actions = ("approve", "reject")

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.change_review")

    @admin.action(description="Approve the selected reviews", permissions=["moderate"])
    def approve(self, request: HttpRequest, chosen: QuerySet[Review]) -> None:
        shown = moderation.approve_all(review_ids=_ids(chosen), moderator_id=UUID(str(request.user.pk)))
        self.message_user(request, f"{shown} approved.", messages.SUCCESS)

    @admin.action(description="Reject the selected reviews", permissions=["moderate"])
    def reject(self, request: HttpRequest, chosen: QuerySet[Review]) -> None:
        refused = moderation.reject_all(review_ids=_ids(chosen), moderator_id=UUID(str(request.user.pk)))
        self.message_user(request, f"{refused} rejected.", messages.SUCCESS)


def _ids(chosen: QuerySet[Review]) -> list[UUID]:
    return list(chosen.values_list("pk", flat=True))
