"""A look into a cart: by its id, by whose it is. Carts are never listed: a guest's id is a key to what it names."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.widgets import UnfoldAdminTextInputWidget

from ecommerce.kernel.errors import ServiceError
from modules.cart.logic.inspection import look_into
from modules.cart.logic.pricing import PricedCart, PricedLine
from modules.cart.models import Promotion
from modules.users.contracts import Scope

TEMPLATE = "admin/cart/cart.html"


class CartForm(forms.Form):
    """Which cart. It is sent in the body: addresses are logged on the way."""

    wanted = forms.CharField(
        max_length=254,
        label="Cart",
        help_text="The id of a cart or of a customer, or a customer's e-mail address.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def view(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """The form, and the cart that was asked for."""
    form = CartForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"title": "Look into a cart", "form": form, "opts": Promotion._meta}
    status = 200
    if form.is_valid():
        try:
            may_see_customers = request.user.has_perm(Scope.USERS_READ)
            found = look_into(wanted=form.cleaned_data["wanted"], may_see_customers=may_see_customers)
            context |= _shown(found)
        except ServiceError as refusal:
            context["refusal"], status = refusal.detail, refusal.status
    return render(request, TEMPLATE, site.each_context(request) | context, status=status)


def _shown(cart: PricedCart) -> dict[str, Any]:
    discounts = [[one.title, one.code or "by itself", one.amount] for one in cart.discounts]
    headers = ["Product", "SKU", "Price", "Quantity", "Sum", "Taken off", "In stock"]
    return {
        "cart": cart,
        "lines": {"headers": headers, "rows": [_row(priced) for priced in cart.lines]},
        "discounts": {"headers": ["Discount", "Code", "Takes off"], "rows": discounts},
    }


def _row(priced: PricedLine) -> list[Any]:
    line = priced.line
    options = ", ".join(line.options.values())
    title = f"{line.title} ({options})" if options else line.title
    price = f"{line.unit_price} (changed)" if priced.price_changed else str(line.unit_price)
    stock = line.available if priced.is_for_sale else "not for sale"
    return [title, line.sku, price, line.quantity, line.line_total, line.discount, stock]
