"""Who pays."""

from uuid import UUID

from modules.payments.models import Payment


def assign_payer(*, order_ids: list[UUID], payer_id: UUID) -> None:
    """Make a user the payer of these orders' payments that have none; one that has a payer keeps it. Repeatable."""
    Payment.objects.filter(order_id__in=order_ids, payer_id=None).update(payer_id=payer_id)
