"""What returns, refunds and edits look like to whoever sees their order, as plain values: in answers and in exports."""

from typing import Any

from ecommerce.kernel.money import Money, api_money
from modules.orders.models import EditLine, OrderEdit, Refund, Return


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


def edit_answer(edit: OrderEdit, currency: str) -> dict[str, Any]:
    """An edit with what it adds and takes off; not why staff made it."""
    return preview_answer(edit, sorted(edit.lines.all(), key=lambda line: line.position), currency) | {
        "id": edit.pk,
        "status": edit.status,
        "payment_id": edit.payment_id,
        "created_at": edit.created_at,
        "payable_until": edit.payable_until,
        "finished_at": edit.finished_at,
    }


def preview_answer(edit: OrderEdit, lines: list[EditLine], currency: str) -> dict[str, Any]:
    """What an edit comes to, whether it is written or not."""

    def money(minor: int) -> dict[str, str]:
        return api_money(Money(minor=minor, currency=currency))

    return {
        "return_id": edit.return_of_id,
        "added": [
            {
                "variant_id": line.variant_id,
                "sku": line.sku,
                "title": line.title,
                "options": line.options,
                "quantity": line.quantity,
                "unit_price": money(line.unit_price_minor),
                "tax": money(line.tax_minor),
                "total": money(line.total_minor),
            }
            for line in lines
        ],
        "removed": [
            {"line_id": one["line_id"], "quantity": one["quantity"], "amount": money(one["amount_minor"])}
            for one in edit.removed
        ],
        "added_total": money(edit.added_minor),
        "removed_total": money(edit.removed_minor),
        "due": money(edit.due_minor),
        "refund": money(edit.back_minor),
    }
