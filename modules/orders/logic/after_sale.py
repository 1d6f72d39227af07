"""What returns and refunds look like to whoever sees their order, as plain values: in answers and in exports."""

from typing import Any

from ecommerce.kernel.money import Money, api_money
from modules.orders.models import Refund, Return


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
