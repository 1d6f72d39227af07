"""Orders' answers as plain values; serializers.py is their schema, and a test compares the two."""

from collections.abc import Sequence
from typing import Any

from ecommerce.kernel.money import Money
from ecommerce.kernel.rest.serializers import api_money
from modules.cart.contracts import ExplainedLine, PricePart
from modules.orders.logic.actions import allowed_actions
from modules.orders.logic.carriers import tracking_url
from modules.orders.logic.exemptions import note_of
from modules.orders.logic.placing import PlacedOrder
from modules.orders.logic.pricing import PricedLine, TaxTotal, rate_of
from modules.orders.logic.quotes import Quote
from modules.orders.logic.reordering import Reordered
from modules.orders.logic.tokens import access_token
from modules.orders.models import Order, OrderLine, Shipment, TimelineEntry
from modules.payments.contracts import Payment


def quote_answer(quote: Quote, *, language: str) -> dict[str, Any]:
    """What a cart would cost, with the ways to ship it."""
    priced = quote.priced
    return {
        "items": [_quoted_line(line) for line in priced.lines],
        "discounts": [
            {"code": one.code, "title": one.title, "amount": api_money(one.amount)} for one in priced.discounts
        ],
        "shipping_options": [
            {
                "code": option.code,
                "title": option.title,
                "price": api_money(option.price),
                "min_days": option.min_days,
                "max_days": option.max_days,
            }
            for option in quote.options
        ],
        "subtotal": api_money(priced.subtotal),
        "discount_total": api_money(priced.discount_total),
        "shipping_total": api_money(priced.shipping_total),
        "tax_total": api_money(priced.tax_total),
        "taxes": [_tax(one) for one in priced.taxes],
        "total": api_money(priced.total),
        "tax_exemption": quote.exemption or None,
        "tax_note": note_of(quote.exemption, language),
        **({} if quote.explanation is None else {"explanation": [_explained(line) for line in quote.explanation]}),
    }


def placed_answer(placed: PlacedOrder, *, with_token: bool) -> dict[str, Any]:
    """A checkout's answer; a guest gets the token by which the order is reached."""
    order = order_answer(placed.order, placed.lines, placed.timeline)
    if with_token:
        order["access_token"] = access_token(placed.order.pk, placed.order.token_generation)
    return {"order": order, "payment": _payment(placed.payment) if placed.payment else None}


def whole_answer(order: Order, *, is_staff: bool) -> dict[str, Any]:
    """An order with all that belongs to it, read now."""
    lines, timeline = order.lines.order_by("position"), order.timeline.order_by("at", "id")
    shipments = order.shipments.order_by("id").prefetch_related("items")
    return order_answer(order, list(lines), list(timeline), list(shipments), is_staff=is_staff)


def listed_answer(order: Order, *, is_staff: bool) -> dict[str, Any]:
    """The same of an order in a list, which was read with all that belongs to it."""
    lines = sorted(order.lines.all(), key=lambda line: line.position)
    timeline = sorted(order.timeline.all(), key=lambda entry: (entry.at, entry.pk))
    shipments = sorted(order.shipments.all(), key=lambda one: one.pk)
    return order_answer(order, lines, timeline, shipments, is_staff=is_staff)


def order_answer(
    order: Order,
    lines: Sequence[OrderLine],
    timeline: Sequence[TimelineEntry],
    shipments: Sequence[Shipment] = (),
    *,
    is_staff: bool = False,
) -> dict[str, Any]:
    """An order as its buyer and staff see it; they may do different things to it."""

    def money(minor: int) -> dict[str, str]:
        return api_money(Money(minor=minor, currency=order.currency))

    return {
        "id": order.pk,
        "number": order.number,
        "status": order.status,
        "payment_status": order.payment_status,
        "fulfilment_status": order.fulfilment_status,
        "email": order.email,
        "currency": order.currency,
        "lines": [_line(line, order.currency) for line in lines],
        "discounts": [{name: one[name] for name in ("code", "title", "amount")} for one in order.discounts],
        "subtotal": money(order.subtotal_minor),
        "discount_total": money(order.discount_minor),
        "shipping_total": money(order.shipping_minor),
        "tax_total": money(order.tax_minor),
        "taxes": order.taxes,
        "tax_exemption": order.tax_exemption or None,
        "tax_note": note_of(order.tax_exemption, order.language),
        "total": money(order.total_minor),
        "refunded_total": money(order.refunded_minor),
        "shipping_address": order.shipping_address,
        "billing_address": order.billing_address,
        "vat_id": order.vat_id or None,
        "shipping_method": {"code": order.shipping_code, "title": order.shipping_title},
        "shipments": [_shipment(one) for one in shipments],
        "allowed_actions": allowed_actions(order, lines, is_staff=is_staff),
        "timeline": [
            {"at": entry.at, "event": entry.event, "actor": entry.actor, "detail": entry.detail} for entry in timeline
        ],
        "placed_at": order.placed_at,
        "paid_at": order.paid_at,
        "delivered_at": order.delivered_at,
        "cancelled_at": order.cancelled_at,
    }


def reordered_answer(reordered: Reordered) -> dict[str, Any]:
    """A filled cart, and what it could not take."""
    return {
        "cart_id": reordered.cart_id,
        "left_out": [
            {
                "variant_id": line.variant_id,
                "sku": line.sku,
                "title": line.title,
                "requested": left.requested,
                "added": left.added,
            }
            for line, left in reordered.left_out
        ],
    }


def _shipment(shipment: Shipment) -> dict[str, Any]:
    return {
        "id": shipment.pk,
        "status": shipment.status,
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "tracking_url": tracking_url(shipment.carrier, shipment.tracking_number),
        "items": [
            {"line_id": item.line_id, "quantity": item.quantity}
            for item in sorted(shipment.items.all(), key=lambda item: item.pk)
        ],
        "location": {"id": shipment.location_id, "name": shipment.location_name} if shipment.location_id else None,
        "shipped_at": shipment.shipped_at,
        "delivered_at": shipment.delivered_at,
    }


def _quoted_line(priced: PricedLine) -> dict[str, Any]:
    line = priced.line
    return {
        "variant_id": line.variant_id,
        "sku": line.sku,
        "title": line.title,
        "options": line.options,
        "image": line.image,
        "quantity": line.quantity,
        "unit_price": api_money(line.unit_price),
        "discount": api_money(line.discount),
        "tax": api_money(priced.tax),
        "total": api_money(priced.total),
    }


def _explained(line: ExplainedLine) -> dict[str, Any]:
    return {
        "variant_id": line.variant_id,
        "parts": [_part(part) for part in line.parts],
        "included": [_part(part) for part in line.included],
        "total": api_money(line.total),
    }


def _part(part: PricePart) -> dict[str, Any]:
    return {
        "origin": part.origin.value,
        "title": part.title,
        "promotion_id": part.promotion_id,
        "amount": f"{part.amount:f}",
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


def _tax(one: TaxTotal) -> dict[str, Any]:
    rate = str(rate_of(one.rate).normalize())
    return {"title": one.title, "rate": rate, "base": api_money(one.base), "amount": api_money(one.amount)}


def _payment(payment: Payment) -> dict[str, Any]:
    failure = payment.failure
    return {
        "id": payment.id,
        "order_id": payment.order_id,
        "provider": payment.provider,
        "status": payment.status.value,
        "amount": api_money(payment.amount),
        "captured": api_money(payment.captured),
        "refunded": api_money(payment.refunded),
        "next_action": payment.next_action,
        "client_secret": payment.client_secret,
        "failure": {"code": failure.code, "message": failure.message} if failure else None,
        "created_at": payment.created_at,
    }
