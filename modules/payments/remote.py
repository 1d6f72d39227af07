"""The far end of service.py."""

from datetime import datetime
from uuid import UUID

from ecommerce.kernel.money import Money
from ecommerce.kernel.remote import RemoteService
from modules.payments.contracts import (
    AmountNotChargeable,
    CancelOutcome,
    CaptureExceedsAuthorized,
    DriftPage,
    MethodNotAvailable,
    Payment,
    PaymentClosed,
    PaymentExpired,
    PaymentNotCapturable,
    PaymentNotFound,
    ProviderDisagrees,
    ProviderNotAvailable,
    ProviderUnreachable,
    RefundExceedsCaptured,
    RefundRefused,
    Split,
    SplitMismatch,
)

_payments = RemoteService(
    "payments",
    raises=(
        AmountNotChargeable,
        CaptureExceedsAuthorized,
        MethodNotAvailable,
        PaymentClosed,
        PaymentExpired,
        PaymentNotCapturable,
        PaymentNotFound,
        ProviderDisagrees,
        ProviderNotAvailable,
        ProviderUnreachable,
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
    captures_later: bool = False,
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
        captures_later=captures_later,
    )


def cancel_payment(*, order_id: UUID, purpose: str, even_authorized: bool = False) -> CancelOutcome:
    return _payments.call(
        CancelOutcome, "cancel_payment", order_id=order_id, purpose=purpose, even_authorized=even_authorized
    )


def capture_payment(*, order_id: UUID, purpose: str, amount: Money | None) -> Payment:
    return _payments.call(Payment, "capture_payment", order_id=order_id, purpose=purpose, amount=amount)


def recognise_revenue(*, order_id: UUID, purpose: str, split: Split) -> None:
    _payments.call(None, "recognise_revenue", order_id=order_id, purpose=purpose, split=split)


def set_off_revenue(*, order_id: UUID, reference: UUID, sold: Split, given_back: Split) -> None:
    _payments.call(None, "set_off_revenue", order_id=order_id, reference=reference, sold=sold, given_back=given_back)


def refund_order(
    *,
    order_id: UUID,
    reference: UUID,
    amount: Money | None,
    split: Split | None,
    reason: str,
    purpose: str | None = None,
) -> list[Payment]:
    return _payments.call(
        list[Payment],
        "refund_order",
        order_id=order_id,
        reference=reference,
        amount=amount,
        split=split,
        reason=reason,
        purpose=purpose,
    )


def get_payments(*, order_ids: list[UUID] | None = None, after: UUID | None = None, limit: int = 500) -> list[Payment]:
    return _payments.call(list[Payment], "get_payments", order_ids=order_ids, after=after, limit=limit)


def find_drift(*, provider: str, since: datetime, until: datetime, fix: bool) -> DriftPage:
    return _payments.call(DriftPage, "find_drift", provider=provider, since=since, until=until, fix=fix)


def assign_payer(*, order_ids: list[UUID], payer_id: UUID) -> None:
    _payments.call(None, "assign_payer", order_ids=order_ids, payer_id=payer_id)


def forget_payer(*, order_id: UUID) -> None:
    _payments.call(None, "forget_payer", order_id=order_id)
