"""The page of an act: it asks, shows what was refused, and leads back to the order once it is done."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from ecommerce.kernel.errors import NotFound, ServiceError, Unavailable
from ecommerce.kernel.ids import new_id
from modules.orders.admin import words
from modules.orders.admin.acts import Act, Confirmation
from modules.orders.models import Order

TEMPLATE = "admin/orders/act.html"


def actor_of(request: HttpRequest) -> str:
    """Who is at work, in a timeline's words."""
    return f"user:{request.user.pk}"


def view(
    model_admin: Any, kind: type[Act], request: HttpRequest, order_id: UUID, about: UUID | None = None
) -> HttpResponse:
    """Ask; ask again where the act wants that; do it, and go back to the order."""
    if not (model_admin.has_view_permission(request) and request.user.has_perm(kind.scope)):
        raise PermissionDenied
    order: Order | None = model_admin.get_object(request, str(order_id))
    if order is None:
        raise Http404
    act = kind(order=order, actor=actor_of(request), about=about)
    if request.method == "POST":
        return _sent(model_admin, request, act)
    if not act.is_offered():
        messages.error(request, f"{act.title}: the order's state does not allow that.")
        return _to(order)
    return _page(model_admin, request, act, act.form())


def _sent(model_admin: Any, request: HttpRequest, act: Act) -> HttpResponse:
    form = act.form(request.POST)
    if not form.is_valid() or "change" in request.POST:
        return _page(model_admin, request, act, form)
    try:
        if "confirm" not in request.POST and (asked := act.confirmation(form)):
            return _page(model_admin, request, act, form, asked)
        messages.success(request, act.do(form))
    except NotFound as gone:
        raise Http404 from gone
    except Unavailable as unknown:
        # What was begun goes on by itself: asking anew, in another form, might do it twice.
        messages.warning(request, f"{unknown.detail} It goes on by itself; look here again in a while.")
    except ServiceError as refusal:
        return _refused(model_admin, request, act, refusal)
    return _to(act.order)


def _refused(model_admin: Any, request: HttpRequest, act: Act, refusal: ServiceError) -> HttpResponse:
    """The form as it was filled in, for another try: of this one nothing is left."""
    messages.error(request, words.refusal(refusal))
    again = request.POST.copy()
    again["form_id"], again["seen"] = str(new_id()), ""
    act.order.refresh_from_db()
    anew = type(act)(order=act.order, actor=act.actor, about=act.about)
    return _page(model_admin, request, anew, anew.form(again))


def _page(
    model_admin: Any, request: HttpRequest, act: Act, form: Any, confirmation: Confirmation | None = None
) -> HttpResponse:
    context = {
        "title": f"{act.title}: order {act.order.number}",
        "opts": model_admin.opts,
        "act": act,
        "order": act.order,
        "form": form,
        "rows": form.rows() if hasattr(form, "rows") else [],
        "others": form.others() if hasattr(form, "others") else form.visible_fields(),
        "confirmation": confirmation,
        "sent": sent(request),
        "back": _address(act.order),
    }
    return render(request, TEMPLATE, model_admin.admin_site.each_context(request) | context)


def sent(request: HttpRequest) -> list[tuple[str, Any]]:
    """What a form was filled in with, to be sent again with its confirmation."""
    return [pair for name, values in request.POST.lists() for pair in _hidden(name, values)]


def _hidden(name: str, values: list[Any]) -> list[tuple[str, Any]]:
    """What is sent again with the confirmation."""
    return [(name, value) for value in values if name not in ("csrfmiddlewaretoken", "seen", "change", "confirm")]


def _address(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def _to(order: Order) -> HttpResponse:
    return HttpResponseRedirect(_address(order))
