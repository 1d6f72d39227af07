"""What orders gives to a user's export of everything that is held on him."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from ecommerce.kernel import parcels
from ecommerce.kernel.money import Money, api_money
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.orders.logic.after_sale import edit_answer, refund_answer, return_answer
from modules.orders.models import Document, Order, OrderEdit, OrderLine, Refund, Shipment
from modules.users import service as users_service
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested

CHUNK = 200


def promise_contribution(event: ExportRequested) -> None:
    """Somebody wants to see everything: what orders holds is gathered by a step."""
    add_steps(event.export_id, [NewStep(contribute, {"user_id": event.user_id})])


@step
def contribute(run: Run, *, user_id: UUID) -> None:
    """Give users all orders of somebody; an export that is gone by now wants nothing."""
    give = partial(users_service.contribute_to_export, export_id=run.aggregate_id, module="orders")
    with suppress(ExportNotFound):
        parcels.hand_over({"orders": _orders(user_id)}, give)


def _orders(user_id: UUID) -> Iterator[dict[str, Any]]:
    """Oldest first, also those whose checkout was abandoned: they hold an address too."""
    orders = (
        Order.objects.filter(customer_id=user_id)
        .order_by("id")
        .prefetch_related("lines", "timeline", "shipments__items", "returns__items", "refunds__items", "documents")
        .prefetch_related("edits__lines")
    )
    return (order_document(order) for order in orders.iterator(chunk_size=CHUNK))


def order_document(order: Order) -> dict[str, Any]:
    """An order as its buyer and staff are given it: all that is held on it but what only the shop's programs read."""

    def money(minor: int) -> dict[str, str]:
        return api_money(Money(minor=minor, currency=order.currency))

    lines = sorted(order.lines.all(), key=lambda line: line.position)
    timeline = sorted(order.timeline.all(), key=lambda entry: (entry.at, entry.pk))
    return {
        "id": order.pk,
        "number": order.number,
        "status": order.status,
        "payment_status": order.payment_status,
        "fulfilment_status": order.fulfilment_status,
        "email": order.email,
        "language": order.language,
        "note": order.note,
        "shipping_address": order.shipping_address,
        "billing_address": order.billing_address,
        "vat_id": order.vat_id,
        "shipping_method": {"code": order.shipping_code, "title": order.shipping_title},
        "payment_provider": order.payment_provider,
        "currency": order.currency,
        "lines": [_line(line, order.currency) for line in lines],
        "coupons": order.coupon_codes,
        "discounts": [{name: one[name] for name in ("code", "title", "amount")} for one in order.discounts],
        "taxes": order.taxes,
        "subtotal": money(order.subtotal_minor),
        "discount_total": money(order.discount_minor),
        "shipping_total": money(order.shipping_minor),
        "tax_total": money(order.tax_minor),
        "total": money(order.total_minor),
        "captured_total": money(order.captured_minor),
        "refunded_total": money(order.refunded_minor),
        "shipments": [_shipment(one) for one in sorted(order.shipments.all(), key=lambda one: one.pk)],
        "returns": [return_answer(one) for one in sorted(order.returns.all(), key=lambda one: one.pk)],
        "refunds": [_refund(one, order.currency) for one in sorted(order.refunds.all(), key=lambda one: one.pk)],
        "edits": [_edit(one, order.currency) for one in sorted(order.edits.all(), key=lambda one: one.pk)],
        "documents": [_document(one) for one in sorted(order.documents.all(), key=lambda one: one.pk)],
        "timeline": [
            {"at": entry.at, "event": entry.event, "actor": entry.actor, "detail": entry.detail} for entry in timeline
        ],
        "created_at": order.created_at,
        "placed_at": order.placed_at,
        "paid_at": order.paid_at,
        "confirmed_at": order.confirmed_at,
        "delivered_at": order.delivered_at,
        "cancelled_at": order.cancelled_at,
    }


def _shipment(shipment: Shipment) -> dict[str, Any]:
    return {
        "id": shipment.pk,
        "status": shipment.status,
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "items": [{"line_id": item.line_id, "quantity": item.quantity} for item in shipment.items.all()],
        "shipped_at": shipment.shipped_at,
        "delivered_at": shipment.delivered_at,
    }


def _refund(refund: Refund, currency: str) -> dict[str, Any]:
    """With what answers leave out: why it was given, and why it was refused."""
    besides = {"reason": refund.reason, "refusal": refund.refusal, "finished_at": refund.finished_at}
    return refund_answer(refund, currency) | besides


def _edit(edit: OrderEdit, currency: str) -> dict[str, Any]:
    """With what answers leave out: why it was made, and why it was refused."""
    return edit_answer(edit, currency) | {"reason": edit.reason, "refusal": edit.refusal}


def _document(document: Document) -> dict[str, Any]:
    return {
        "id": document.pk,
        "kind": document.kind,
        "number": document.number,
        "issued_at": document.issued_at,
        "content": document.snapshot,
    }


def _line(line: OrderLine, currency: str) -> dict[str, Any]:
    def money(minor: int) -> dict[str, str]:
        return api_money(Money(minor=minor, currency=currency))

    return {
        "id": line.pk,
        "variant_id": line.variant_id,
        "sku": line.sku,
        "title": line.title,
        "options": line.options,
        "quantity": line.quantity,
        "unit_price": money(line.unit_price_minor),
        "discount": money(line.discount_minor),
        "tax": money(line.tax_minor),
        "total": money(line.total_minor),
        "fulfilled": line.fulfilled,
        "cancelled": line.cancelled,
        "refunded": line.refunded,
    }
