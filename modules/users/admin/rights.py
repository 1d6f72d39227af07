"""Roles, API keys, and who acted as whom."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from ecommerce.kernel.admin_pages import ReadOnly, WrittenByLogic, shown
from modules.users.admin.actor import actor_id
from modules.users.contracts import Scope
from modules.users.logic import api_keys, roles
from modules.users.models import ApiKey, Impersonation, Role

# Rights are given by roles: Django's groups are not used.
admin.site.unregister(Group)


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A role, with a box for each scope."""

    name = forms.CharField(max_length=100, widget=UnfoldAdminTextInputWidget())
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, scope.value) for scope in Scope], widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )
    # What was read: a role that somebody else changed meanwhile is refused.
    version = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    class Meta:
        model = Role
        fields = ["name", "description", "scopes", "version"]
        widgets: ClassVar[dict[str, Any]] = {"description": UnfoldAdminTextareaWidget()}


@admin.register(Role)
class RoleAdmin(WrittenByLogic, ModelAdmin):
    form = RoleForm
    list_display = ("name", "description", "scopes", "created_at")
    ordering = ("name",)
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Role, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        given = {name: form.cleaned_data[name] for name in ("name", "description", "scopes")}
        if change:
            versions = frozenset({form.cleaned_data["version"] or 0})
            roles.change_role(actor_id=actor_id(request), role_id=obj.id, versions=versions, **given)
        else:
            obj.id = roles.make_role(actor_id=actor_id(request), **given).id

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        roles.delete_role(actor_id=actor_id(request), role_id=obj.id)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, ModelAdmin):
    """Keys are made through the API, where the secret goes to the machine and over nobody's shoulder."""

    list_display = ("name", "prefix", "scopes", "created_by", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("created_by",)
    ordering = ("-id",)
    exclude = ("secret_hash",)
    actions: ClassVar[list[str]] = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("users.change_apikey")

    @admin.action(description="Revoke the selected keys", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> HttpResponse | None:
        return shown(request, lambda: self._revoked(request, queryset))

    def _revoked(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> HttpResponse:
        for key_id in queryset.order_by("id").values_list("id", flat=True):
            api_keys.revoke_key(actor_id=actor_id(request), key_id=key_id)
        messages.success(request, "Revoked.")
        return HttpResponseRedirect(request.get_full_path())


@admin.register(Impersonation)
class ImpersonationAdmin(ReadOnly, ModelAdmin):
    list_display = ("at", "actor_id", "user_id", "reason")
    search_fields = ("=actor_id", "=user_id")
    search_help_text = "The id of a member of staff or of a customer"
    ordering = ("-id",)
    paginator = InfinitePaginator
