"""Staff's view of accounts: find one, lock it, end its sessions, give it roles, act as a customer."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from ecommerce.kernel.admin_pages import ReadOnly, shown
from modules.users.admin.actor import actor_id
from modules.users.contracts import Scope
from modules.users.logic import accounts, impersonation, people, sessions, staff
from modules.users.logic.tokens import AccessToken
from modules.users.models import Role, User


class RolesForm(forms.Form):
    roles = forms.ModelMultipleChoiceField(
        Role.objects.order_by("name"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=500, widget=UnfoldAdminTextInputWidget(), help_text="Kept on record.")


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
        "roles",
        "is_active",
        "second_factor_at",
        "created_at",
        "orders",
    )
    actions: ClassVar[list[str]] = ["lock", "unlock", "end_sessions"]
    actions_detail = ("assign_roles", "impersonate")
    # Counting all accounts for each page would read the whole table.
    paginator = InfinitePaginator
    list_per_page = 50

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        if not search_term:
            return queryset, False
        return people.beginning_with(queryset, search_term), False

    @admin.display()
    def roles(self, person: User) -> str:
        return ", ".join(person.role_assignments.order_by("role__name").values_list("role__name", flat=True)) or "-"

    @admin.display()
    def orders(self, person: User) -> str:
        """Where orders has its pages in this same admin; users knows no more of them than the address."""
        try:
            address = reverse("admin:orders_order_changelist", query={"customer_id": person.id})
        except NoReverseMatch:
            return "-"
        return format_html('<a href="{}">Orders</a>', address)

    def has_lock_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("users.change_user")

    def has_assign_roles_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(Scope.ROLES_WRITE)

    def has_impersonate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(Scope.USERS_IMPERSONATE)

    @admin.action(description="Lock the selected accounts", permissions=["lock"])
    def lock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        locked = accounts.lock(user_ids=_within_reach(request, queryset))
        self.message_user(request, f"{locked} locked.", messages.SUCCESS)

    @admin.action(description="Let the selected accounts in again", permissions=["lock"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        unlocked = accounts.unlock(user_ids=_within_reach(request, queryset))
        self.message_user(request, f"{unlocked} unlocked.", messages.SUCCESS)

    @admin.action(description="End all sessions of the selected accounts", permissions=["lock"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        sessions.revoke_all(user_ids=_within_reach(request, queryset))
        self.message_user(request, "Signed out everywhere, in ten minutes at most.", messages.SUCCESS)

    @action(description="Assign roles", permissions=["assign_roles"])
    def assign_roles(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self._person(request, object_id)
        present = list(person.role_assignments.values_list("role_id", flat=True))
        # With no box ticked the form is empty, but sent all the same.
        form = RolesForm(request.POST if request.method == "POST" else None, initial={"roles": present})
        if not form.is_valid():
            return self._page(request, person, form, "Assign roles")
        return shown(request, lambda: self._assigned(request, person, form))

    @action(description="Act as this customer", permissions=["impersonate"])
    def impersonate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person, form = self._person(request, object_id), ReasonForm(request.POST or None)
        if not form.is_valid():
            return self._page(request, person, form, "Act as this customer")
        return shown(request, lambda: self._impersonated(request, person, form))

    def _person(self, request: HttpRequest, object_id: str) -> User:
        person: User | None = self.get_object(request, object_id)
        if person is None:
            raise Http404
        return person

    def _assigned(self, request: HttpRequest, person: User, form: RolesForm) -> HttpResponse:
        chosen = [role.id for role in form.cleaned_data["roles"]]
        staff.assign_roles(actor_id=actor_id(request), user_id=person.id, role_ids=chosen)
        messages.success(request, "Roles assigned; they show in the API in ten minutes at most.")
        return HttpResponseRedirect(reverse("admin:users_user_change", args=[person.pk]))

    def _impersonated(self, request: HttpRequest, person: User, form: ReasonForm) -> HttpResponse:
        reason = form.cleaned_data["reason"]
        token = impersonation.impersonate(actor_id=actor_id(request), user_id=person.id, reason=reason)
        return self._page(request, person, form, "Act as this customer", token)

    def _page(
        self, request: HttpRequest, person: User, form: forms.Form, title: str, token: AccessToken | None = None
    ) -> HttpResponse:
        context = {"person": person, "form": form, "title": title, "token": token, "opts": self.opts}
        return render(request, "admin/users/act.html", self.admin_site.each_context(request) | context)


def _within_reach(request: HttpRequest, queryset: QuerySet[User]) -> list[Any]:
    """Nobody locks himself out, and only who owns the shop locks another who does."""
    others = queryset.exclude(id=str(request.user.pk))
    if not getattr(request.user, "is_superuser", False):
        others = others.filter(is_superuser=False)
    return list(others.values_list("id", flat=True))
