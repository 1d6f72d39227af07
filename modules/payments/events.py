"""The facts that payments announces. Amounts are what the provider has confirmed in all, not the last step."""

from dataclasses import dataclass
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
