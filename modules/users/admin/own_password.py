"""Staff's own new password. Django's page would write the whole row as it was read, past logic."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from unfold.forms import AdminOwnPasswordChangeForm

from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.rest.throttles import CallerThrottle, network
from modules.users.admin.actor import actor_id
from modules.users.logic import password_changes
from modules.users.models import User


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Both passwords as they were typed; logic looks at the present one, once, and counts a wrong one."""

    def clean_old_password(self) -> str:
        return str(self.cleaned_data["old_password"])

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002  (the form of Django that this replaces has it so)
        """Nothing: logic has written the password by now, and this would write the whole row as it was read."""
        return cast(User, self.user)


class OwnPassword(PasswordChangeView):
    """The page of the admin."""

    form_class = OwnPasswordForm
    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("admin:password_change_done")

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            password_changes.change_password(
                user_id=actor_id(self.request),
                session_id=None,
                current_password=form.cleaned_data["old_password"],
                new_password=form.cleaned_data["new_password1"],
                network=network(CallerThrottle().get_ident(cast(Any, self.request))),
            )
        except ServiceError as refusal:
            form.add_error("old_password", refusal.detail)
            return self.form_invalid(form)
        # This session of the admin goes on under the new password.
        form.user.refresh_from_db()
        return super().form_valid(form)


def own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """In the place of Django's view."""
    context = admin.site.each_context(request) | (extra_context or {})
    return cast(HttpResponse, OwnPassword.as_view(extra_context=context)(request))


admin.site.password_change = own_password  # type: ignore[method-assign, assignment]  # unfold made the site; a change answers a redirect
