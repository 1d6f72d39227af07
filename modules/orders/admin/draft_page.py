"""The page on which staff write down what a buyer who rings up wants: what it costs is shown, then it is placed."""

from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from ecommerce.kernel.errors import Invalid, ServiceError, Unavailable
from modules.orders.admin import act_pages, words
from modules.orders.admin.act_forms import ActForm, goods_field, read_goods, read_seen
from modules.orders.admin.acts import Confirmation
from modules.orders.api.drafts import DraftInput, wish_of_draft
from modules.orders.logic import drafts, goods, tokens
from modules.orders.logic.drafts import DraftWish
from modules.orders.models import Order, ShippingMethod
from modules.users.contracts import Scope

ADDRESS = ("full_name", "company", "line1", "line2", "postal_code", "city", "region", "country", "phone")
OPTIONAL = ("company", "line2", "postal_code", "region", "phone")
TITLE = "Telephone order"


class DraftForm(ActForm):
    """The goods, who buys them, and how they are sent and paid for."""

    add = goods_field(required=True)
    email = forms.EmailField(widget=UnfoldAdminEmailInputWidget())
    language = forms.ChoiceField(choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget())
    provider = forms.CharField(max_length=30, widget=UnfoldAdminTextInputWidget(), label="Paid by")
    method = forms.CharField(
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="The provider's method; empty: its own choice.",
    )
    note = forms.CharField(max_length=1000, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))
    # What it cost when it was shown.
    seen = forms.CharField(max_length=30, required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ADDRESS:
            self.fields[name] = forms.CharField(
                max_length=200, required=name not in OPTIONAL, widget=UnfoldAdminTextInputWidget()
            )
        self.fields["country"].help_text = "Two letters: DE"
        self.fields["country"].initial = settings.SHOP_COUNTRY
        self.fields["language"].initial = settings.LANGUAGE_CODE
        methods = ShippingMethod.objects.filter(is_active=True).order_by("position", "code")
        self.fields["shipping_method"] = forms.ChoiceField(
            choices=list(methods.values_list("code", "title")), widget=UnfoldAdminSelectWidget()
        )
        last = Order.objects.exclude(payment_provider="").order_by("-id").values_list("payment_provider", flat=True)
        self.fields["provider"].initial = last.first()
        self.order_fields(["add", "email", *ADDRESS, "language", "shipping_method", "provider", "method", "note"])

    def clean_add(self) -> dict[str, int]:
        return read_goods(self.cleaned_data["add"])

    def wish(self) -> DraftWish:
        """As the API takes it, which judges it too; refuses what is not right (Invalid)."""
        cleaned, currency = self.cleaned_data, settings.DEFAULT_CURRENCY
        items = goods.find_by_sku(cleaned["add"], currency)
        body = {
            "items": [{"variant_id": str(one.variant_id), "quantity": one.quantity} for one in items],
            **{name: cleaned[name] for name in ("email", "language", "shipping_method", "note")},
            "shipping_address": {name: cleaned[name] for name in ADDRESS if cleaned[name] or name not in OPTIONAL},
            "payment": {name: cleaned[name] for name in ("provider", "method") if cleaned[name]},
        }
        body["shipping_address"].setdefault("postal_code", "")
        judged = DraftInput(data=body)
        if not judged.is_valid():
            raise Invalid(" ".join(_sentences(judged.errors)))
        seen = read_seen(cleaned["seen"], currency)
        return wish_of_draft(judged.validated_data | ({"expected_total": seen} if seen else {}))


def view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Ask, show what it costs, place it, and go to the order; sent again, it is placed once."""
    if not request.user.has_perm(Scope.ORDERS_WRITE):
        raise PermissionDenied
    form = DraftForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid() or "change" in request.POST:
        return _page(model_admin, request, form)
    try:
        wish = form.wish()
        if "confirm" not in request.POST:
            return _page(model_admin, request, form, _confirmation(wish))
        claim_id = form.claim_id(model_admin.model._meta.label)
        placed = drafts.place_draft(wish, claim_id=claim_id, is_new=False).order
    except Unavailable as unknown:
        messages.warning(request, f"{unknown.detail} Send it again in a while: it is placed once.")
        return _page(model_admin, request, form)
    except ServiceError as refusal:
        messages.error(request, words.refusal(refusal))
        return _page(model_admin, request, form)
    messages.success(request, f"Order {placed.number} is placed. The buyer pays by this link: {tokens.link(placed)}")
    return HttpResponseRedirect(reverse("admin:orders_order_change", args=[placed.pk]))


def _confirmation(wish: DraftWish) -> Confirmation:
    quote = drafts.quote_draft(wish)
    lines = [f"{one.line.quantity} × {one.line.title}, {one.total}" for one in quote.priced.lines]
    priced, chosen = quote.priced, quote.chosen
    told = [
        f"{priced.total} in all, {priced.tax_total} of it tax.",
        *lines,
        f"{chosen.title if chosen else ''}: {priced.shipping_total}",
        f"For {wish.checkout.email}; its stock is held for {wish.payable_for.days} days.",
    ]
    return Confirmation(sentences=told, button=f"Place it for {priced.total}", seen=priced.total.amount)


def _page(
    model_admin: Any, request: HttpRequest, form: DraftForm, confirmation: Confirmation | None = None
) -> HttpResponse:
    told = ["At today's prices, without promotions. The buyer gets a link to pay by."]
    context = {
        "title": TITLE,
        "opts": model_admin.opts,
        "act": SimpleNamespace(sentences=told, ways=[], button="Show what it costs"),
        "form": form,
        "others": form.visible_fields(),
        "confirmation": confirmation,
        "sent": act_pages.sent(request),
        "back": reverse("admin:orders_order_changelist"),
    }
    return render(request, act_pages.TEMPLATE, model_admin.admin_site.each_context(request) | context)


def _sentences(errors: Any, name: str = "") -> list[str]:
    """Every problem of a body, with the field that it is about."""
    if isinstance(errors, dict):
        return [one for field, inner in errors.items() for one in _sentences(inner, str(field))]
    found = [inner for inner in errors if isinstance(inner, dict)]
    if found:
        return [one for inner in found for one in _sentences(inner, name)]
    return [f"{name.replace('_', ' ').capitalize()}: {error}" for error in errors]
