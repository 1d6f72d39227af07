"""The papers of an order: packing slips, without prices, for the parcel; the invoice and its credit notes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from ecommerce.kernel.errors import Unavailable
from modules.orders.admin import words
from modules.orders.admin.documents import DOWNLOAD
from modules.orders.admin.links import Link, of_act
from modules.orders.logic.fulfilment import split_orders
from modules.orders.logic.languages import spoken
from modules.orders.logic.locations import FromLocation
from modules.orders.logic.portions import left_to_ship, lines_of, lines_of_all
from modules.orders.models import Document, Order, OrderLine, Shipment
from modules.users.contracts import Scope

TEMPLATE = "admin/orders/packing_slips.html"
TITLES = {Document.Kind.INVOICE: "Invoice", Document.Kind.CREDIT_NOTE: "Credit note"}
# What buyers read on them, in their languages.
WORDS = {
    "en": {
        "title": "Packing slip",
        "order": "Order",
        "placed": "Placed on",
        "to": "Ship to",
        "by": "Shipping",
        "from": "Shipped from",
        "sku": "SKU",
        "product": "Product",
        "units": "Units",
        "note": "Note",
    },
    "de": {
        "title": "Lieferschein",
        "order": "Bestellung",
        "placed": "Bestellt am",
        "to": "Lieferanschrift",
        "by": "Versand",
        "from": "Versand ab",
        "sku": "Artikelnummer",
        "product": "Artikel",
        "units": "Menge",
        "note": "Anmerkung",
    },
    "ru": {
        "title": "Упаковочный лист",
        "order": "Заказ",
        "placed": "Дата заказа",
        "to": "Адрес доставки",
        "by": "Доставка",
        "from": "Место отправления",
        "sku": "Артикул",
        "product": "Товар",
        "units": "Количество",
        "note": "Примечание",
    },
}


@dataclass(frozen=True, kw_only=True)
class Slip:
    """What lies in one parcel, and where it goes."""

    order: Order
    words: dict[str, str]
    language: str
    placed_on: str
    address: Sequence[str]
    rows: Sequence[tuple[str, str, int]]
    # The location that it leaves from, where the order's stock was taken from several.
    origin: str = ""


def of_order(order: Order, user: Any) -> list[Link]:
    """The papers of a whole order; its invoice and credit notes, as they were issued, for who may see them."""
    slip = of_act("packing_slip", "Packing slip", order)
    return [slip, *_documents(order)] if user.has_perm(Scope.ORDERS_READ) else [slip]


def of_shipment(order: Order, shipment: Shipment) -> Link:
    """The packing slip of one parcel."""
    return of_act("parcel_slip", "Packing slip", order, shipment.pk)


def view(model_admin: Any, request: HttpRequest, order_id: UUID, shipment_id: UUID | None = None) -> HttpResponse:
    """The packing slip of an order or of one of its parcels."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    order: Order | None = model_admin.get_object(request, str(order_id))
    if order is None:
        raise Http404
    if shipment_id is None:
        return page(request, [order])
    shipment = order.shipments.filter(pk=shipment_id).first()
    if shipment is None:
        raise Http404
    units = dict(shipment.items.values_list("line_id", "quantity"))
    return _page(request, [_slip(order, lines_of(order), units, shipment.location_name)])


def page(request: HttpRequest, orders: Sequence[Order]) -> HttpResponse:
    """The packing slips of these orders, each on a page of its own, and one for each location that something is still
    to be sent from; one statement for their lines, one for what left from which location."""
    lines = lines_of_all(orders)
    split = _split(orders, lines)
    return _page(request, [slip for order in orders for slip in _slips(order, lines[order.pk], split.get(order.pk))])


def _split(orders: Sequence[Order], lines: Mapping[UUID, Sequence[OrderLine]]) -> dict[UUID, list[FromLocation]]:
    """By location; while catalog does not answer, the slips are those of a shop with one."""
    try:
        return split_orders(orders, lines)
    except Unavailable:
        return {}


def _slips(order: Order, lines: Sequence[OrderLine], split: Sequence[FromLocation] | None) -> list[Slip]:
    if not split:
        return [_slip(order, lines, _units(lines))]
    units = [({portion.line.pk: portion.quantity for portion in one.portions}, one.location) for one in split]
    return [_slip(order, lines, of_lines, location.name if location else "") for of_lines, location in units]


def _documents(order: Order) -> Iterator[Link]:
    for document in order.documents.only("kind", "number").order_by("issued_at", "id"):
        title = f"{TITLES[Document.Kind(document.kind)]} {document.number}"
        yield Link(title=title, href=reverse(f"admin:{DOWNLOAD}", args=[document.pk]))


def _units(lines: Sequence[OrderLine]) -> dict[UUID, int]:
    """What is still to be sent; of what was sent already, all that was."""
    left = {line.pk: left_to_ship(line) for line in lines}
    return left if any(left.values()) else {line.pk: line.fulfilled for line in lines}


def _slip(order: Order, lines: Sequence[OrderLine], units: dict[UUID, int], origin: str | None = None) -> Slip:
    language = spoken(order.language, WORDS)
    return Slip(
        order=order,
        words=WORDS[language],
        language=language,
        placed_on=f"{timezone.localtime(order.placed_at):%Y-%m-%d}" if order.placed_at else "",
        address=words.address_lines(order.shipping_address),
        rows=[(line.sku, words.title(line), units[line.pk]) for line in lines if units.get(line.pk)],
        origin=origin or "",
    )


def _page(request: HttpRequest, slips: Sequence[Slip]) -> HttpResponse:
    return render(request, TEMPLATE, {"slips": slips})
