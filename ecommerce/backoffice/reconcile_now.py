"""The page on which staff start a comparison at once; a worker makes it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from kombu.exceptions import KombuError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from ecommerce.backoffice.reconcile import SETTLING
from ecommerce.backoffice.tasks import RECONCILE_PERIOD
from ecommerce.kernel import clock
from modules.payments.contracts import PROVIDERS
from modules.users.contracts import Scope

log = structlog.get_logger()

LONGEST = timedelta(days=31)


class DayWidget(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # untyped
    """A day, by the browser's own calendar."""

    input_type = "date"


class ReconcileForm(forms.Form):
    """Which provider, which days of UTC, and whether what is safe is mended."""

    provider = forms.ChoiceField(choices=[(name, name) for name in PROVIDERS], widget=UnfoldAdminSelectWidget())
    since = forms.DateField(widget=DayWidget(), label="From")
    until = forms.DateField(
        widget=DayWidget(), label="To", help_text="This day included, up to an hour ago. Days are of UTC."
    )
    fix = forms.BooleanField(required=False, widget=UnfoldBooleanWidget(), label="Mend what is safe to mend")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            since, until = self.period()
            if since >= until:
                self.add_error("since", "It begins before it ends, and not within the last hour.")
            elif until - since > LONGEST:
                self.add_error("since", f"At most {LONGEST.days} days at once; for more there is manage.py reconcile.")
        return cleaned

    def period(self) -> tuple[datetime, datetime]:
        """From the first day's beginning to the last one's end; what is younger is still on its way."""
        since, until = (_midnight(self.cleaned_data[name]) for name in ("since", "until"))
        return since, min(until + timedelta(days=1), clock.now() - SETTLING)


def may_reconcile(request: HttpRequest) -> bool:
    """Who may have money's records mended."""
    return bool(request.user.has_perm(Scope.PAYMENTS_READ) and request.user.has_perm(Scope.PAYMENTS_WRITE))


def view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Ask; tell a worker, and go back to the list, where the run appears once it has begun."""
    if not may_reconcile(request):
        raise PermissionDenied
    yesterday = (clock.now() - timedelta(days=1)).astimezone(UTC).date()
    form = ReconcileForm(
        request.POST if request.method == "POST" else None, initial=dict.fromkeys(("since", "until"), yesterday)
    )
    if form.is_valid() and _start(request, form):
        return HttpResponseRedirect(reverse("admin:backoffice_reconcilerun_changelist"))
    context = {"title": "Reconcile now", "opts": model_admin.opts, "form": form}
    return render(request, "admin/backoffice/reconcile.html", model_admin.admin_site.each_context(request) | context)


def _start(request: HttpRequest, form: ReconcileForm) -> bool:
    provider, (since, until) = form.cleaned_data["provider"], form.period()
    arguments = [provider, since.isoformat(), until.isoformat(), form.cleaned_data["fix"]]
    try:
        current_app.send_task(RECONCILE_PERIOD, args=arguments, retry=False)
    except KombuError as error:
        log.warning("reconcile_not_started", error=repr(error))
        messages.error(request, "The worker cannot be told now; nothing was started.")
        return False
    messages.success(request, f"{provider} is being compared; the run is shown here once it has begun.")
    return True


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)
