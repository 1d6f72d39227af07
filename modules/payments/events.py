"""The facts that payments announces. Amounts are what the provider has confirmed in all, not the last step."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ecommerce.kernel.money import Money


@dataclass(frozen=True, kw_only=True)
class PaymentAuthorized:
    """The provider holds this amount for us."""

    payment_id: UUID
    order_id: UUID
    purpose: str
    authorized: Money


@dataclass(frozen=True, kw_only=True)
class PaymentVoided:
    """What was authorised is let go, by us or because it lapsed; nothing was taken of it."""

    payment_id: UUID
    order_id: UUID
    purpose: str


@dataclass(frozen=True, kw_only=True)
class PaymentCaptured:
    """The provider has taken this much in all."""

    payment_id: UUID
    order_id: UUID
    purpose: str
    captured: Money


@dataclass(frozen=True, kw_only=True)
class PaymentFailed:
    """The last attempt was declined; another may follow."""

    payment_id: UUID
    order_id: UUID
    purpose: str
    code: str


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded:
    """So much in all has gone back; `reference` is the refund that was asked for, if it was asked for by us."""

    payment_id: UUID
    order_id: UUID
    purpose: str
    reference: UUID | None
    refunded: Money


@dataclass(frozen=True, kw_only=True)
class RefundFailed:
    """A refund that was on its way has failed at the provider after all: the money is still ours to give back."""

    payment_id: UUID
    order_id: UUID
    purpose: str
    reference: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PaymentDisputed:
    """The buyer disputes the payment with his bank; evidence is heard until `evidence_due_at`, if that is known."""

    payment_id: UUID
    order_id: UUID
    purpose: str
    dispute_id: UUID
    amount: Money
    reason: str
    evidence_due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class DisputeClosed:
    """A dispute has ended: `outcome` is won, lost, or closed (an inquiry that became nothing)."""

    payment_id: UUID
    order_id: UUID
    purpose: str
    dispute_id: UUID
    outcome: str
