"""What payments knows, as others may see it."""

import hashlib
import hmac
from uuid import UUID

from ecommerce.kernel.money import Money
from modules.payments import models
from modules.payments.contracts import Failure, Payment, PaymentNotFound, PaymentStatus

MAX_PAGE = 500


def get_payments(*, order_ids: list[UUID]) -> list[Payment]:
    """The payments of these orders, oldest first; unknown orders have none. Repeatable."""
    rows = models.Payment.objects.filter(order_id__in=order_ids, is_tombstone=False)
    return [as_contract(row) for row in rows.order_by("created_at", "id")]


def list_payments(*, after: UUID | None, limit: int) -> list[Payment]:
    """Every payment by its id, a page after the given one (at most 500). Repeatable."""
    rows = models.Payment.objects.filter(is_tombstone=False).order_by("id")
    if after is not None:
        rows = rows.filter(id__gt=after)
    return [as_contract(row) for row in rows[: max(0, min(limit, MAX_PAGE))]]


def find_row(*, order_id: UUID, purpose: str) -> models.Payment | None:
    """The stored payment of an order's purpose, tombstones included."""
    return models.Payment.objects.filter(order_id=order_id, purpose=purpose).first()


def get_row(*, order_id: UUID, purpose: str) -> models.Payment:
    """The stored payment of an order's purpose; raises PaymentNotFound, also for a tombstone."""
    row = find_row(order_id=order_id, purpose=purpose)
    if row is None or row.is_tombstone:
        raise PaymentNotFound
    return row


def get_visible(*, payment_id: UUID, caller_id: UUID | None, is_staff: bool, token: str) -> Payment:
    """One payment for its payer, staff, or whoever holds its order's token; PaymentNotFound for anyone else."""
    row = models.Payment.objects.filter(pk=payment_id, is_tombstone=False).first()
    if row is None or not (is_staff or _is_payer(row, caller_id) or _opens(row, token)):
        raise PaymentNotFound
    return as_contract(row)


def as_contract(row: models.Payment) -> Payment:
    """A stored payment as it crosses the border."""
    return Payment(
        id=row.id,
        order_id=row.order_id,
        purpose=row.purpose,
        provider=row.provider,
        status=PaymentStatus(row.status),
        amount=Money(minor=row.amount_minor, currency=row.currency),
        captured=Money(minor=row.captured_minor, currency=row.currency),
        refunded=Money(minor=row.refunded_minor, currency=row.currency),
        next_action=row.next_action,
        client_secret=row.client_secret or None,
        failure=Failure(code=row.failure_code, message=row.failure_message) if row.failure_code else None,
        created_at=row.created_at,
    )


def _is_payer(row: models.Payment, caller_id: UUID | None) -> bool:
    return caller_id is not None and caller_id == row.payer_id


def _opens(row: models.Payment, token: str) -> bool:
    digest = hashlib.sha256(token.encode(errors="replace")).hexdigest()
    return hmac.compare_digest(digest.encode(), row.token_hash.encode())
