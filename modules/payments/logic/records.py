"""What payments knows, as others may see it."""

import hashlib
import hmac
from uuid import UUID

from ecommerce.kernel.errors import Forbidden
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.money import Money
from modules.payments import models
from modules.payments.contracts import Failure, Payment, PaymentNotFound, PaymentStatus
from modules.users.contracts import Scope

MAX_PAGE = 500


def get_payments(
    *, order_ids: list[UUID] | None = None, after: UUID | None = None, limit: int = MAX_PAGE
) -> list[Payment]:
    """The payments of these orders, oldest first, unknown orders have none; without `order_ids` every payment by its
    id, a page after the given one (at most 500). Repeatable."""
    rows = models.Payment.objects.filter(is_tombstone=False)
    if order_ids is not None:
        return [as_contract(row) for row in rows.filter(order_id__in=order_ids).order_by("created_at", "id")]
    if after is not None:
        rows = rows.filter(id__gt=after)
    return [as_contract(row) for row in rows.order_by("id")[: max(0, min(limit, MAX_PAGE))]]


def find_row(*, order_id: UUID, purpose: str) -> models.Payment | None:
    """The stored payment of an order's purpose, tombstones included."""
    return models.Payment.objects.filter(order_id=order_id, purpose=purpose).first()


def get_row(*, order_id: UUID, purpose: str) -> models.Payment:
    """The stored payment of an order's purpose; raises PaymentNotFound, also for a tombstone."""
    row = find_row(order_id=order_id, purpose=purpose)
    if row is None or row.is_tombstone:
        raise PaymentNotFound
    return row


def get_payment(*, payment_id: UUID) -> Payment:
    """One payment; raises PaymentNotFound."""
    row = models.Payment.objects.filter(pk=payment_id, is_tombstone=False).first()
    if row is None:
        raise PaymentNotFound
    return as_contract(row)


def get_visible(*, payment_id: UUID, caller: Principal, token: str) -> Payment:
    """One payment for its payer, staff, or whoever holds its order's token; PaymentNotFound for anyone else."""
    return as_contract(_visible(payment_id, caller, token))


def get_own(*, payment_id: UUID, caller: Principal, token: str) -> Payment:
    """The same for whoever may act on it; Forbidden for staff who may only read."""
    row = _visible(payment_id, caller, token)
    if not (_is_payers(row, caller, token) or caller.may(Scope.PAYMENTS_WRITE)):
        raise Forbidden
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
        disputed=Money(minor=row.disputed_minor, currency=row.currency),
        next_action=row.next_action,
        client_secret=row.client_secret or None,
        failure=Failure(code=row.failure_code, message=row.failure_message) if row.failure_code else None,
        created_at=row.created_at,
    )


def _visible(payment_id: UUID, caller: Principal, token: str) -> models.Payment:
    row = models.Payment.objects.filter(pk=payment_id, is_tombstone=False).first()
    of_staff = caller.may(Scope.PAYMENTS_READ) or caller.may(Scope.PAYMENTS_WRITE)
    if row is None or not (of_staff or _is_payers(row, caller, token)):
        raise PaymentNotFound
    return row


def _is_payers(row: models.Payment, caller: Principal, token: str) -> bool:
    return (caller.is_authenticated and caller.id == row.payer_id) or _opens(row, token)


def _opens(row: models.Payment, token: str) -> bool:
    digest = hashlib.sha256(token.encode(errors="replace")).hexdigest()
    return hmac.compare_digest(digest.encode(), row.token_hash.encode())
