"""The far end of service.py."""

from datetime import datetime
from uuid import UUID

from ecommerce.kernel.money import Money
from ecommerce.kernel.remote import RemoteService
from modules.payments.contracts import (
    CancelOutcome,
    MethodNotAvailable,
    Payment,
    PaymentClosed,
    PaymentExpired,
    PaymentNotFound,
    ProviderNotAvailable,
    RefundExceedsCaptured,
    RefundRefused,
    Split,
    SplitMismatch,
)

_payments = RemoteService(
    "payments",
    raises=(
        MethodNotAvailable,
        PaymentClosed,
        PaymentExpired,
        PaymentNotFound,
        ProviderNotAvailable,
        RefundExceedsCaptured,
        RefundRefused,
        SplitMismatch,
    ),
)


def start_payment(
    *,
    order_id: UUID,
    purpose: str,
    amount: Money,
    split: Split,
    provider: str,
    method: str | None,
    payer_id: UUID | None,
    token_hash: str,
    payable_until: datetime,
) -> Payment:
    return _payments.call(
        Payment,
        "start_payment",
        order_id=order_id,
        purpose=purpose,
        amount=amount,
        split=split,
        provider=provider,
        method=method,
        payer_id=payer_id,
        token_hash=token_hash,
        payable_until=payable_until,
    )


def cancel_payment(*, order_id: UUID, purpose: str) -> CancelOutcome:
    return _payments.call(CancelOutcome, "cancel_payment", order_id=order_id, purpose=purpose)


def recognise_revenue(*, order_id: UUID, purpose: str, split: Split) -> None:
    _payments.call(None, "recognise_revenue", order_id=order_id, purpose=purpose, split=split)


def set_off_revenue(*, order_id: UUID, reference: UUID, sold: Split, given_back: Split) -> None:
    _payments.call(None, "set_off_revenue", order_id=order_id, reference=reference, sold=sold, given_back=given_back)


def refund_payment(
    *, order_id: UUID, purpose: str, reference: UUID, amount: Money | None, split: Split | None, reason: str
) -> Payment:
    return _payments.call(
        Payment,
        "refund_payment",
        order_id=order_id,
        purpose=purpose,
        reference=reference,
        amount=amount,
        split=split,
        reason=reason,
    )


def refund_order(
    *, order_id: UUID, reference: UUID, amount: Money | None, split: Split | None, reason: str
) -> list[Payment]:
    return _payments.call(
        list[Payment],
        "refund_order",
        order_id=order_id,
        reference=reference,
        amount=amount,
        split=split,
        reason=reason,
    )


def get_payments(*, order_ids: list[UUID]) -> list[Payment]:
    return _payments.call(list[Payment], "get_payments", order_ids=order_ids)


def list_payments(*, after: UUID | None, limit: int) -> list[Payment]:
    return _payments.call(list[Payment], "list_payments", after=after, limit=limit)


def assign_payer(*, order_ids: list[UUID], payer_id: UUID) -> None:
    _payments.call(None, "assign_payer", order_ids=order_ids, payer_id=payer_id)


def forget_payer(*, order_id: UUID) -> None:
    _payments.call(None, "forget_payer", order_id=order_id)
