"""Orders in the admin: the list of them, and the pages on which staff do everything to one. Writing is logic's."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from modules.orders.admin import act_pages, bulk_ship, draft_page, order_page, order_search, papers, words
from modules.orders.admin.acts import Act, Cancel, Deliver, Ship, ShipFrom
from modules.orders.admin.edit_acts import CallOff, Edit, Exchange
from modules.orders.admin.order_filters import (
    ORDERINGS,
    QUEUE,
    QUEUES,
    FulfilmentFilter,
    PaymentFilter,
    QueueFilter,
    StatusFilter,
)
from modules.orders.admin.refund_act import GiveBack
from modules.orders.admin.return_acts import Approve, AskForReturn, Receive, Reject
from modules.orders.models import Order
from modules.users.contracts import Scope

ONE = "<uuid:order_id>"
ACTS: dict[str, tuple[str, type[Act]]] = {
    "ship": (f"{ONE}/ship/", Ship),
    "ship_from": (f"{ONE}/ship/<uuid:about>/", ShipFrom),
    "deliver": (f"{ONE}/shipments/<uuid:about>/deliver/", Deliver),
    "cancel": (f"{ONE}/cancel/", Cancel),
    "edit": (f"{ONE}/edit/", Edit),
    "call_off_edit": (f"{ONE}/edits/<uuid:about>/call-off/", CallOff),
    "refund": (f"{ONE}/refund/", GiveBack),
    "return": (f"{ONE}/returns/", AskForReturn),
    "approve": (f"{ONE}/returns/<uuid:about>/approve/", Approve),
    "receive": (f"{ONE}/returns/<uuid:about>/receive/", Receive),
    "exchange": (f"{ONE}/returns/<uuid:about>/exchange/", Exchange),
    "reject": (f"{ONE}/returns/<uuid:about>/reject/", Reject),
}


@admin.register(Order)
class OrderAdmin(ReadOnly, Uncounted, ModelAdmin):
    list_display = ("number", "state", "payment", "fulfilment", "email", "total", "placed_at")
    list_filter = (QueueFilter, StatusFilter, PaymentFilter, FulfilmentFilter)
    list_filter_sheet = True
    list_before_template = "admin/orders/queues.html"
    search_fields = ("number",)
    search_help_text = order_search.HELP
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    actions = ("ship_chosen", "print_packing_slips")

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        acts = [
            path(route, guarded(partial(act_pages.view, self, kind)), name=f"orders_order_{name}")
            for name, (route, kind) in ACTS.items()
        ]
        slips = guarded(partial(papers.view, self))
        return [
            *acts,
            path(f"{ONE}/packing-slip/", slips, name="orders_order_packing_slip"),
            path(f"{ONE}/shipments/<uuid:shipment_id>/packing-slip/", slips, name="orders_order_parcel_slip"),
            path("draft/", guarded(partial(draft_page.view, self)), name="orders_order_draft"),
            path("ship/", guarded(partial(bulk_ship.view, self)), name="orders_order_bulk_ship"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        # What is still in checkout is nobody's to see.
        found: QuerySet[Order] = super().get_queryset(request).exclude(status__in=Order.INTERNAL)
        return found

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return ORDERINGS.get(request.GET.get(QUEUE, ""), ("-placed_at", "-id"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        term = search_term.strip()
        return (order_search.found(queryset, term) if term else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        chosen = request.GET.get(QUEUE, "")
        queues = [("", "All"), *QUEUES.items()]
        context = {
            "queues": [(name, title, name == chosen) for name, title in queues],
            "may_draft": self.has_ship_permission(request),
        }
        answer: HttpResponse = super().changelist_view(request, context | (extra_context or {}))
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of an order; not a form, since nothing of an order is edited by hand."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        order: Order | None = self.get_object(request, object_id)
        if order is None:
            raise Http404
        context = order_page.context(order, request.user) | {"opts": self.opts}
        return render(request, "admin/orders/order.html", self.admin_site.each_context(request) | context)

    def has_ship_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(Scope.ORDERS_WRITE))

    @admin.action(description="Ship …", permissions=["ship"])
    def ship_chosen(self, request: HttpRequest, chosen: QuerySet[Order]) -> HttpResponse | None:
        orders = _few(request, chosen)
        return bulk_ship.ask(self, request, orders) if orders else None

    @admin.action(description="Print packing slips", permissions=["view"])
    def print_packing_slips(self, request: HttpRequest, chosen: QuerySet[Order]) -> HttpResponse | None:
        orders = _few(request, chosen)
        return papers.page(request, orders) if orders else None

    @display(description="status", label=words.COLOURS)
    def state(self, order: Order) -> tuple[str, str]:
        return order.status, words.spaced(order.status)

    @display(description="payment", label=words.COLOURS)
    def payment(self, order: Order) -> tuple[str, str]:
        return order.payment_status, words.spaced(order.payment_status)

    @display(description="fulfilment", label=words.COLOURS)
    def fulfilment(self, order: Order) -> tuple[str, str]:
        return order.fulfilment_status, words.spaced(order.fulfilment_status)

    @display()
    def total(self, order: Order) -> str:
        return words.money(order.total_minor, order)


def _few(request: HttpRequest, chosen: QuerySet[Order]) -> Sequence[Order]:
    """The chosen orders, what was placed first first; none where they are too many for one act."""
    orders = list(chosen.order_by("placed_at", "id")[: bulk_ship.MOST_AT_ONCE + 1])
    if len(orders) <= bulk_ship.MOST_AT_ONCE:
        return orders
    messages.error(request, f"At most {bulk_ship.MOST_AT_ONCE} orders at once.")
    return []
