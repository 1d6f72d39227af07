"""What shipments, refunds and returns look like, as plain values; after_sale_serializers.py is their schema."""

from typing import Any

from ecommerce.kernel.money import Money, api_money
from modules.orders.logic.locations import FromLocation
from modules.orders.models import Refund, Return


def to_ship_answer(left: FromLocation) -> dict[str, Any]:
    """What is to be shipped from a location."""
    location = left.location
    return {
        "location": {"id": location.id, "name": location.name} if location else None,
        "items": [
            {
                "line_id": portion.line.pk,
                "sku": portion.line.sku,
                "title": portion.line.title,
                "quantity": portion.quantity,
            }
            for portion in left.portions
        ],
    }


def return_answer(wanted: Return) -> dict[str, Any]:
    """A return with what lies in it."""
    return {
        "id": wanted.pk,
        "status": wanted.status,
        "items": [
            {"line_id": item.line_id, "quantity": item.quantity, "reason": item.reason}
            for item in sorted(wanted.items.all(), key=lambda item: item.pk)
        ],
        "answer": wanted.answer,
        "requested_at": wanted.requested_at,
        "decided_at": wanted.decided_at,
        "received_at": wanted.received_at,
    }


def refund_answer(refund: Refund, currency: str) -> dict[str, Any]:
    """A refund with what it is made of; not why staff gave it."""

    def money(minor: int) -> dict[str, str]:
        return api_money(Money(minor=minor, currency=currency))

    return {
        "id": refund.pk,
        "status": refund.status,
        "amount": money(refund.amount_minor),
        "tax": money(refund.tax_minor),
        "shipping": money(refund.shipping_minor),
        "items": [
            {
                "line_id": item.line_id,
                "quantity": item.quantity,
                "amount": money(item.amount_minor),
                "tax": money(item.tax_minor),
            }
            for item in sorted(refund.items.all(), key=lambda item: item.pk)
        ],
        "created_at": refund.created_at,
    }
