"""The page of an act: it asks, shows what it comes to, and leads back to the payment once it is done."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from ecommerce.kernel.admin_acts import Confirmation, sent
from ecommerce.kernel.errors import ServiceError, Unavailable
from ecommerce.kernel.ids import new_id
from modules.payments.admin import links
from modules.payments.admin.acts import Act
from modules.payments.models import Payment
from modules.users.contracts import Scope

TEMPLATE = "admin/payments/act.html"
GOES_ON = "It goes on by itself; look here again in a while."


def view(model_admin: Any, kind: type[Act], request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Ask; show what it comes to; do it, and go back to the payment."""
    if not (model_admin.has_view_permission(request) and request.user.has_perm(Scope.PAYMENTS_WRITE)):
        raise PermissionDenied
    payment: Payment | None = model_admin.get_object(request, str(payment_id))
    if payment is None:
        raise Http404
    act = kind(payment)
    if request.method == "POST":
        return _sent(model_admin, request, act)
    if not act.is_offered():
        messages.error(request, f"{act.title}: the payment's state does not allow that.")
        return _to(payment)
    return _page(model_admin, request, act, act.form())


def _sent(model_admin: Any, request: HttpRequest, act: Act) -> HttpResponse:
    form = act.form(request.POST)
    if not form.is_valid() or "change" in request.POST:
        return _page(model_admin, request, act, form)
    if "confirm" not in request.POST:
        return _page(model_admin, request, act, form, act.confirmation(form))
    try:
        done = act.do(form)
    except ServiceError as refusal:
        return _not_done(model_admin, request, act, form, refusal)
    messages.success(request, done)
    _note(model_admin, request, act, done)
    return _to(act.payment)


def _not_done(model_admin: Any, request: HttpRequest, act: Act, form: Any, refusal: ServiceError) -> HttpResponse:
    act.payment.refresh_from_db()
    if isinstance(refusal, Unavailable) or act.goes_on(form):
        # What was begun goes on by itself: asking anew, in another form, might do it twice.
        messages.warning(request, f"{refusal.detail} {GOES_ON}")
        _note(model_admin, request, act, "begun; the provider has yet to answer")
        return _to(act.payment)
    # The form as it was filled in, for another try: of this one nothing is left.
    messages.error(request, refusal.detail)
    again = request.POST.copy()
    again["form_id"] = str(new_id())
    return _page(model_admin, request, act, act.form(again))


def _note(model_admin: Any, request: HttpRequest, act: Act, told: str) -> None:
    """Who moved money is found on the payment's page of changes."""
    model_admin.log_change(request, act.payment, f"{act.title}: {told}")


def _page(
    model_admin: Any, request: HttpRequest, act: Act, form: Any, confirmation: Confirmation | None = None
) -> HttpResponse:
    context = {
        "title": f"{act.title}: {act.payment}",
        "opts": model_admin.opts,
        "act": act,
        "form": form,
        "confirmation": confirmation,
        "sent": sent(request),
        "back": links.of_payment(act.payment.pk),
    }
    return render(request, TEMPLATE, model_admin.admin_site.each_context(request) | context)


def _to(payment: Payment) -> HttpResponse:
    return HttpResponseRedirect(links.of_payment(payment.pk))
