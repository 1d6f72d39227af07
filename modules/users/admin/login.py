"""How staff sign in to the admin."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminTextInputWidget

from ecommerce.kernel.errors import Forbidden, ServiceError
from ecommerce.kernel.rest.throttles import CallerThrottle, network
from modules.users.logic import login_limits, second_factor
from modules.users.models import User


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
