"""A promotion on an example cart, beside its form: asked anew while staff type, and nothing is saved by it."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextInputWidget

from ecommerce.kernel.admin_pages import LinesField
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.money import EXPONENTS
from modules.cart.admin import lines
from modules.cart.admin.words import REASONS
from modules.cart.logic.previews import Example, Preview, Tried, preview
from modules.cart.models import Promotion

FRAGMENT, PAGE = "admin/cart/preview.html", "admin/cart/preview_page.html"
# What the page's script says of itself: it wants a part of a page.
FRAGMENT_WANTED = "X-Fragment"
# Of what else is offered.
SHOWN = 20


class ExampleForm(forms.Form):
    """A cart that nobody has."""

    prefix = "example"

    quantities = LinesField(lines.read_quantities, rows=4, help_text=lines.EXAMPLE_HELP, label="What is in it")
    currency = forms.CharField(max_length=3, widget=UnfoldAdminTextInputWidget())
    codes = LinesField(lines.read_codes, rows=1, help_text="Other codes that were entered; its own counts as entered.")
    at = forms.SplitDateTimeField(
        required=False, widget=UnfoldAdminSplitDateTimeWidget(), label="When", help_text="UTC. Now when left out."
    )

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if currency not in EXPONENTS:
            raise forms.ValidationError("Give an active ISO 4217 currency code.")
        return currency

    def example(self) -> Example:
        return Example(**self.cleaned_data)


def panel(request: HttpRequest, promotion_id: str | None) -> dict[str, Any]:
    """What a promotion's page needs to show the example."""
    sent = request.POST if "example-currency" in request.POST else None
    address = (
        reverse("admin:cart_promotion_preview_of", args=[promotion_id])
        if promotion_id and _is_id(promotion_id)
        else reverse("admin:cart_promotion_preview")
    )
    return {"example": ExampleForm(sent, initial={"currency": settings.DEFAULT_CURRENCY}), "preview_url": address}


def view(page: Any, request: HttpRequest, promotion_id: UUID | None = None) -> HttpResponse:
    """The promotion as it is typed, or for who only reads as it is written, on the example: a part of a page for the
    page's script, a page without it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    saved, may_write = _what_may_be_seen(page, request, promotion_id)
    form = page.get_form(request, saved, change=saved is not None)(request.POST, instance=saved) if may_write else None
    answer = _answer(form, saved, ExampleForm(request.POST))
    if request.headers.get(FRAGMENT_WANTED):
        return render(request, FRAGMENT, answer)
    context = page.admin_site.each_context(request) | {"title": "Preview", "opts": page.opts}
    return render(request, PAGE, context | answer)


def _what_may_be_seen(page: Any, request: HttpRequest, promotion_id: UUID | None) -> tuple[Promotion | None, bool]:
    if promotion_id is None:
        if not page.has_add_permission(request):
            raise PermissionDenied
        return None, True
    if not page.has_view_permission(request):
        raise PermissionDenied
    saved = Promotion.objects.filter(id=promotion_id).first()
    if saved is None:
        raise Http404
    return saved, page.has_change_permission(request, saved)


def _answer(form: Any, saved: Promotion | None, example: ExampleForm) -> dict[str, Any]:
    problems = [*_problems(form), *_problems(example)] if form else _problems(example)
    if problems:
        return {"problems": problems}
    wanted = example.example()
    if not wanted.quantities:
        return {}
    try:
        draft, code = _typed(form, saved)
        return _shown(preview(promotion=draft, example=wanted, code=code, saved=saved))
    except ServiceError as refusal:
        errors = refusal.details.get("errors") or [{"field": "", "detail": refusal.detail}]
        return {"problems": [_said(error["field"], error["detail"]) for error in errors]}


def _typed(form: Any, saved: Promotion | None) -> tuple[Promotion, str | None]:
    """The promotion as it stands on the form; as it is written where there is none."""
    if form is not None:
        return form.draft(), form.own_code()
    return cast(Promotion, saved), None


def _problems(form: forms.BaseForm) -> list[str]:
    return [
        _said("" if name == "__all__" else str(form.fields[name].label or name), str(error))
        for name, errors in form.errors.items()
        for error in errors
    ]


def _said(field: str, detail: str) -> str:
    return f"{field.replace('_', ' ').capitalize()}: {detail}" if field else detail


def _shown(tried: Preview) -> dict[str, Any]:
    cart, own = tried.cart, tried.promotion
    others = [[_named(one), _off(one.amount), REASONS.get(one.why or "", "Taken.")] for one in tried.others[:SHOWN]]
    return {
        "preview": tried,
        "why_not": REASONS.get(own.why or "", ""),
        # What is to be said of its own code, `why_not` says.
        "said": [one for one in (*cart.requirements, *cart.notices) if not one.coupon or one.coupon != own.code],
        "lines": _lines(tried),
        "others": {"headers": ["Offered beside it", "Takes off", ""], "rows": others},
        "more": max(0, len(tried.others) - SHOWN),
    }


def _lines(tried: Preview) -> dict[str, Any]:
    """A table; with a column for the others where they take something off."""
    others = any(one.off_by_others for one in tried.lines)
    headers = ["Product", "Quantity", "Price", "This takes off", *(["Others"] if others else []), "Left"]
    rows = [
        [
            f"{one.line.title} ({one.line.sku})",
            one.line.quantity,
            one.line.line_total,
            _off(one.off),
            *([_off(one.off_by_others)] if others else []),
            one.left,
        ]
        for one in tried.lines
    ]
    return {"headers": headers, "rows": rows}


def _off(amount: Any) -> str:
    return str(amount) if amount else "-"


def _named(one: Tried) -> str:
    return f"{one.title} ({one.code})" if one.code else one.title


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
