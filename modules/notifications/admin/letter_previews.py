"""How a letter looks, with the words that are typed or with those in use: nothing is saved, and nothing is sent."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ecommerce.kernel.errors import ServiceError
from modules.notifications.logic import letter_texts, previews, wording
from modules.notifications.logic.wording import Words
from modules.orders.contracts import Order
from modules.users.contracts import Scope

PAGE = "admin/notifications/letter_preview.html"


def view(page: Any, request: HttpRequest) -> HttpResponse:
    """A page with the letter as HTML and as text, on the order of that number, else on the newest, else on an example.

    Orders are shown to who may read orders; everybody else sees the example.
    """
    if not page.has_change_permission(request):
        raise PermissionDenied
    asked = request.POST or request.GET
    topic, language = asked.get("topic", ""), asked.get("language", "")
    if topic not in wording.GAPS or language not in wording.TRANSLATED:
        raise Http404
    typed = {name: asked[name] for name in wording.CHANGEABLE if name in asked}
    context = {"title": "Preview", "opts": page.opts, "topic": topic, "language": language, "typed": typed}
    try:
        context |= _shown(request, topic, language, typed, asked.get("number", "").strip())
    except ServiceError as refusal:
        context["problems"] = _sentences(refusal)
    return render(request, PAGE, page.admin_site.each_context(request) | context)


def _shown(request: HttpRequest, topic: str, language: str, typed: dict[str, str], number: str) -> dict[str, Any]:
    words = _words(topic, language, typed)
    order, note = _order(request, number)
    letter = previews.preview(topic, language, words, order)
    return {"letter": letter, "number": number or (order.number if order else ""), "note": note}


def _words(topic: str, language: str, typed: dict[str, str]) -> Words | None:
    if not typed:
        return None
    return wording.with_texts(topic, language, letter_texts.judged(topic, language, typed))


def _order(request: HttpRequest, number: str) -> tuple[Order | None, str]:
    """The order to show it on, and what is to be said of it."""
    if not request.user.has_perm(Scope.ORDERS_READ):
        return None, "On an example: you may not read orders."
    order = previews.order_numbered(number) if number else previews.newest_order()
    if order is None:
        return None, f"On an example: there is no order {number}." if number else "On an example."
    return order, f"On order {order.number}. Its secret link is left out."


def _sentences(refusal: ServiceError) -> list[str]:
    errors = refusal.details.get("errors") or [{"field": "", "detail": refusal.detail}]
    return [f"{error['field'].capitalize()}: {error['detail']}".removeprefix(": ") for error in errors]
