"""Staff's view of accounts: find one by e-mail, lock it, let it in again. Nothing is edited here."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AuthenticationForm
from unfold.paginator import InfinitePaginator

from ecommerce.kernel.admin_pages import ReadOnly
from ecommerce.kernel.rest.throttles import CallerThrottle, network
from modules.users.logic import accounts, login_limits
from modules.users.models import User


@admin.register(User)
class UserAdmin(ReadOnly, ModelAdmin):
    list_display = ("email", "first_name", "last_name", "email_verified", "is_staff", "is_active", "created_at")
    list_filter = ("is_staff", "is_active")
    ordering = ("-created_at",)
    search_fields = ("email",)
    search_help_text = "The beginning of an e-mail address"
    fields = (
        "id",
        "email",
        "email_verified",
        "first_name",
        "last_name",
        "phone",
        "accepts_marketing",
        "language",
        "is_staff",
        "is_superuser",
        "is_active",
        "created_at",
    )
    actions: ClassVar[list[str]] = ["lock", "unlock"]
    # Counting all accounts for each page would read the whole table.
    paginator = InfinitePaginator
    list_per_page = 50

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        if not search_term:
            return queryset, False
        found = queryset.alias(folded_email=Lower("email")).filter(folded_email__startswith=search_term.strip().lower())
        return found, False

    def has_lock_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("users.change_user")

    @admin.action(description="Lock the selected accounts", permissions=["lock"])
    def lock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        locked = accounts.lock(user_ids=_within_reach(request, queryset))
        self.message_user(request, f"{locked} locked.", messages.SUCCESS)

    @admin.action(description="Let the selected accounts in again", permissions=["lock"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        unlocked = accounts.unlock(user_ids=_within_reach(request, queryset))
        self.message_user(request, f"{unlocked} unlocked.", messages.SUCCESS)


class StaffLogin(AuthenticationForm):
    """The admin's login, under the same limit as the API's."""

    def clean(self) -> dict[str, Any]:
        email, caller = self.cleaned_data.get("username") or "", network(CallerThrottle().get_ident(self.request))
        try:
            login_limits.count_attempt(email, caller)
        except login_limits.SignInLocked as refusal:
            raise ValidationError(refusal.detail, code=refusal.code) from refusal
        cleaned: dict[str, Any] = super().clean()
        login_limits.forget_failures(email, caller)
        return cleaned


admin.site.login_form = StaffLogin


def _within_reach(request: HttpRequest, queryset: QuerySet[User]) -> list[Any]:
    """Nobody locks himself out, and only who owns the shop locks another who does."""
    others = queryset.exclude(id=str(request.user.pk))
    if not getattr(request.user, "is_superuser", False):
        others = others.filter(is_superuser=False)
    return list(others.values_list("id", flat=True))
