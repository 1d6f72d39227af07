"""Changing many prices by percent: what would be is shown first, and done only if it is still so."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from ecommerce.kernel.errors import ServiceError
from modules.catalog.logic import repricing
from modules.catalog.logic.repricing import Preview, Repricing
from modules.catalog.models import Category, Product

TEMPLATE = "admin/catalog/reprice.html"
# Of what would be; the rest is counted.
SHOWN = 100
PROBLEMS = {"too_high": "too high: stays", "sale_not_lower": "a sale would not be lower: stays"}


class RepricingForm(forms.Form):
    """Which prices, and by how much."""

    products = forms.CharField(required=False, widget=forms.HiddenInput())
    # What was shown, so that nothing else is done.
    seen = forms.CharField(required=False, widget=forms.HiddenInput())
    currency = forms.CharField(max_length=3, widget=UnfoldAdminTextInputWidget())
    percent = forms.DecimalField(
        max_digits=8,
        decimal_places=4,
        widget=UnfoldAdminDecimalFieldWidget(),
        help_text="10: a tenth more; -20: a fifth less.",
    )
    ending = forms.DecimalField(
        max_digits=8,
        decimal_places=4,
        required=False,
        widget=UnfoldAdminDecimalFieldWidget(),
        help_text="0.99: to the nearest price that ends so.",
    )

    def __init__(self, *args: Any, site: admin.AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self["products"].value():
            self.fields["category"] = forms.ModelChoiceField(
                Category.objects.all(),
                widget=AutocompleteSelect(Product._meta.get_field("category"), site),
                help_text="And what is below it.",
            )

    def clean_products(self) -> list[UUID]:
        try:
            return [UUID(one) for one in self.cleaned_data["products"].split(",") if one]
        except ValueError as error:
            raise ValidationError("Choose the products again.") from error

    def wish(self) -> Repricing:
        """What is asked for, in logic's words."""
        category = self.cleaned_data.get("category")
        return Repricing(
            currency=self.cleaned_data["currency"].upper(),
            percent=self.cleaned_data["percent"],
            ending=self.cleaned_data["ending"],
            product_ids=self.cleaned_data["products"],
            category_id=category.id if category else None,
        )


def ask(site: admin.AdminSite, request: HttpRequest, products: Sequence[UUID] = ()) -> HttpResponse:
    """The form, for these products or for a category that is chosen on it."""
    # They are handed on in the body: an address has no room for hundreds.
    initial = {"products": ",".join(map(str, products)), "currency": settings.DEFAULT_CURRENCY}
    form = RepricingForm(initial=initial, site=site)
    return render(request, TEMPLATE, site.each_context(request) | _context(form, None))


def view(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """The form; then what would be; then, if that is confirmed and still so, it is done."""
    if not request.user.has_perm("catalog.change_product"):
        raise PermissionDenied
    if request.method != "POST":
        return ask(site, request)
    form, preview = RepricingForm(request.POST, site=site), None
    if form.is_valid():
        try:
            if "confirm" in request.POST:
                return _done(request, repricing.reprice_as_seen(form.wish(), seen=form.cleaned_data["seen"]))
            preview = repricing.preview(form.wish())
        except ServiceError as refusal:
            form.add_error(None, refusal.detail)
    return render(request, TEMPLATE, site.each_context(request) | _context(form, preview))


def _done(request: HttpRequest, outcome: repricing.Outcome) -> HttpResponse:
    messages.success(request, f"{outcome.changed} prices changed.")
    if outcome.skipped:
        messages.warning(request, f"{len(outcome.skipped)} stayed as they were.")
    return HttpResponseRedirect(reverse("admin:catalog_product_changelist"))


def _context(form: RepricingForm, preview: Preview | None) -> dict[str, Any]:
    context: dict[str, Any] = {"title": "Change prices by percent", "form": form, "opts": Product._meta}
    if form["products"].value():
        context["chosen"] = len(str(form["products"].value()).split(","))
    if preview is not None:
        rows = [(row, PROBLEMS.get(row.problem or "", "")) for row in preview.rows[:SHOWN]]
        context |= {"preview": preview, "rows": rows, "more": max(0, len(preview.rows) - SHOWN)}
    return context
