"""Many orders shipped at once: each is an act of its own, and one refusal stops no other."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.widgets import UnfoldAdminTextInputWidget

from ecommerce.kernel.errors import ServiceError, Unavailable
from modules.orders.admin import words
from modules.orders.admin.act_forms import CARRIERS, ActForm, carrier_field
from modules.orders.admin.act_pages import actor_of
from modules.orders.logic import shipments
from modules.orders.logic.fulfilment import split_orders
from modules.orders.logic.portions import lines_of_all
from modules.orders.logic.shipments import ShipmentWish
from modules.orders.models import Order
from modules.users.contracts import Scope

TEMPLATE = "admin/orders/bulk_ship.html"
# Of one act: a page of the list holds 50, and somebody waits for it.
MOST_AT_ONCE = 100


class BulkShipForm(ActForm):
    """One carrier for all of them, and a tracking number for each that has one."""

    orders = forms.CharField(widget=forms.HiddenInput())
    carrier = carrier_field()
    carriers = CARRIERS
    # Of an order that lies at more than one location, at which: one parcel cannot leave from all of them.
    apart: Mapping[UUID, str] = {}

    def __init__(self, data: Any = None, *, orders: Sequence[Order], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.of_orders = orders
        self.fields["orders"].initial = ",".join(str(order.pk) for order in orders)
        for order in orders:
            self.fields[f"tracking_{order.pk}"] = forms.CharField(
                max_length=100, required=False, widget=UnfoldAdminTextInputWidget(), label=f"Order {order.number}"
            )

    def rows(self) -> list[tuple[Order, str, str, forms.BoundField]]:
        """The orders, where they go, where they lie if that is at several locations, and the field for each."""
        return [
            (
                order,
                ", ".join(words.address_lines(order.shipping_address)),
                self.apart.get(order.pk, ""),
                self[f"tracking_{order.pk}"],
            )
            for order in self.of_orders
        ]

    def wish(self, order: Order) -> ShipmentWish:
        """All that is left of an order."""
        tracking_number = self.cleaned_data[f"tracking_{order.pk}"]
        return ShipmentWish(asked=None, carrier=self.cleaned_data["carrier"], tracking_number=tracking_number)

    def claim_of(self, order: Order) -> UUID:
        """What logic knows the parcel by, if the form is sent again."""
        wish = self.wish(order)
        return uuid5(self.cleaned_data["form_id"], f"{order.pk} {wish.carrier} {wish.tracking_number}")


def ask(model_admin: Any, request: HttpRequest, orders: Sequence[Order]) -> HttpResponse:
    """The page that asks, for these orders."""
    return _page(model_admin, request, BulkShipForm(orders=orders))


def view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Ship them, and tell of each what became of it; sent again, no order is shipped twice."""
    if not request.user.has_perm(Scope.ORDERS_WRITE):
        raise PermissionDenied
    orders = _chosen(model_admin, request)
    form = BulkShipForm(request.POST, orders=orders)
    if not orders or not form.is_valid():
        return _page(model_admin, request, form)
    outcomes = [_shipped(form, order, actor_of(request)) for order in orders]
    return _page(model_admin, request, form, outcomes)


def _chosen(model_admin: Any, request: HttpRequest) -> list[Order]:
    ids = [one for one in request.POST.get("orders", "").split(",") if one][:MOST_AT_ONCE]
    try:
        found = model_admin.get_queryset(request).filter(pk__in=ids)
        return list(found.order_by("placed_at", "id"))
    except ValidationError:
        return []


def _shipped(form: BulkShipForm, order: Order, actor: str) -> tuple[Order, str, bool]:
    """What became of it, and whether that was wished."""
    try:
        shipped = shipments.ship(order.pk, form.wish(order), actor=actor, claim_id=form.claim_of(order))
    except ServiceError as refusal:
        return order, words.refusal(refusal), False
    return order, f"The order is {words.spaced(shipped.status)}.", True


def _apart(orders: Sequence[Order]) -> dict[UUID, str]:
    """Where what is left of an order lies, if at several locations; nothing is told while catalog does not answer."""
    try:
        split = split_orders(orders, lines_of_all(orders))
    except Unavailable:
        return {}
    names = {order_id: [one.location.name for one in left if one.location] for order_id, left in split.items()}
    return {order_id: ", ".join(found) for order_id, found in names.items() if len(found) > 1}


def _page(
    model_admin: Any, request: HttpRequest, form: BulkShipForm, outcomes: Sequence[tuple[Order, str, bool]] = ()
) -> HttpResponse:
    form.apart = {} if outcomes else _apart(form.of_orders)
    context = {
        "title": f"Ship {len(form.of_orders)} orders",
        "opts": model_admin.opts,
        "form": form,
        "outcomes": outcomes,
    }
    return render(request, TEMPLATE, model_admin.admin_site.each_context(request) | context)
