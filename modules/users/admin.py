"""Staff's view of accounts: find one by e-mail, lock it, let it in again. Nothing is edited here."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AuthenticationForm
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextInputWidget

from ecommerce.kernel.admin_pages import ReadOnly
from ecommerce.kernel.errors import Forbidden, ServiceError
from ecommerce.kernel.rest.throttles import CallerThrottle, network
from modules.users.logic import accounts, login_limits, second_factor
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
        "second_factor_at",
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
    """The admin's login, under the same limits as the API's, and with the same second factor."""

    code = forms.CharField(
        label="Code",
        required=False,
        max_length=64,
        help_text="Where your account has a second factor: six digits of your app, or a recovery code.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
    )

    def clean(self) -> dict[str, Any]:
        email, caller = self.cleaned_data.get("username") or "", network(CallerThrottle().get_ident(self.request))
        try:
            login_limits.count_attempt(email, caller)
            cleaned: dict[str, Any] = super().clean()
            self._prove(email, caller)
        except ServiceError as refusal:
            raise ValidationError(refusal.detail, code=refusal.code) from refusal
        login_limits.forget_failures(email, caller)
        return cleaned

    def _prove(self, email: str, caller: str) -> None:
        if (user := self.get_user()) is None:
            return
        try:
            _prove_as_staff(user, self.cleaned_data.get("code"))
        except (SecondFactorLacking, second_factor.SecondFactorRequired):
            # The password was right: neither a failure nor a success.
            login_limits.take_back_attempt(email, caller)
            raise


class SecondFactorLacking(Forbidden):
    """Staff of this shop need a second factor: sign in at the shop, switch it on in your account, and come back."""

    code = "second_factor_lacking"


def _prove_as_staff(user: User, code: str | None) -> None:
    if second_factor.is_lacking(user):
        raise SecondFactorLacking
    second_factor.prove(user, code)


def may_enter(request: HttpRequest) -> bool:
    """Staff, also with a session begun before STAFF_MFA asked for a second factor only once they have one."""
    return AdminSite.has_permission(admin.site, request) and not second_factor.is_lacking(cast(User, request.user))


admin.site.login_form = StaffLogin
admin.site.login_template = "users/staff_login.html"
admin.site.has_permission = may_enter  # type: ignore[method-assign]  # the one site, which unfold has made


def _within_reach(request: HttpRequest, queryset: QuerySet[User]) -> list[Any]:
    """Nobody locks himself out, and only who owns the shop locks another who does."""
    others = queryset.exclude(id=str(request.user.pk))
    if not getattr(request.user, "is_superuser", False):
        others = others.filter(is_superuser=False)
    return list(others.values_list("id", flat=True))
