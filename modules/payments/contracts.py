"""What crosses payments' border."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ecommerce.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from ecommerce.kernel.money import Money

# The providers of the API's promise, configured or not.
PROVIDERS = ("stripe", "paypal", "sandbox")


class PaymentStatus(StrEnum):
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


@dataclass(frozen=True, kw_only=True)
class Split:
    """An amount over the accounts it belongs to, net of discounts; the parts add up to the amount."""

    sales: Money
    tax: Money
    shipping: Money


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why the last attempt did not succeed."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Payment:
    """What is known of one payment; `purpose` tells an order's charges apart ("order", "edit:<id>")."""

    id: UUID
    order_id: UUID
    purpose: str
    provider: str
    status: PaymentStatus
    amount: Money
    captured: Money
    refunded: Money
    # What disputes hold, or have taken for good.
    disputed: Money
    next_action: dict[str, str] | None
    client_secret: str | None
    failure: Failure | None
    created_at: datetime


class DriftKind(StrEnum):
    """In what a provider's records, ours and the books differ."""

    # The provider has it, and we do not.
    MISSING_HERE = "missing_here"
    # We have it, and the provider does not.
    MISSING_THERE = "missing_there"
    # The provider has two of it.
    DUPLICATE = "duplicate"
    AMOUNT = "amount"
    CURRENCY = "currency"
    STATUS = "status"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    FEES = "fees"
    PAYOUT = "payout"
    # Our own figures and the books.
    LEDGER = "ledger"
    # More was captured than was to be paid, and has not gone back.
    SURPLUS = "surplus"
    # Begun long ago, and nobody knows how it ended.
    UNANSWERED = "unanswered"
    REFUND_STUCK = "refund_stuck"
    EVENT_UNMATCHED = "event_unmatched"


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One difference; `here` and `there` say what we, or the books, and what the provider, or the payment, have."""

    kind: DriftKind
    reference: str
    here: str
    there: str
    payment_id: UUID | None = None
    order_id: UUID | None = None
    # Whether it is mended by taking over what the provider says, or by what would have happened by itself.
    is_safe: bool = False
    is_fixed: bool = False


@dataclass(frozen=True, kw_only=True)
class DriftPage:
    """What one stretch of time holds; `until` is where the next one begins, None when there is no more."""

    drifts: list[Drift]
    checked: int
    until: datetime | None


class CancelOutcome(StrEnum):
    """What cancelling found. UNKNOWN: the provider has not said; ask again."""

    CANCELLED = "cancelled"
    CAPTURED = "captured"
    AUTHORIZED = "authorized"
    UNKNOWN = "unknown"


class ProviderNotAvailable(Invalid):
    """This payment provider is not configured in this shop."""

    code = "provider_not_available"


class ProviderUnreachable(Unavailable):
    """The payment provider cannot be reached; nothing was asked of it."""

    # details: dependency (its name)
    code = "provider_unreachable"


class MethodNotAvailable(Invalid):
    """This provider does not know that payment method."""

    code = "method_not_available"


class MethodsNotSaved(Invalid):
    """This provider saves no payment methods."""

    code = "methods_not_saved"


class AmountNotChargeable(Invalid):
    """The payment provider cannot charge this amount in this currency."""

    # details: amount, currency
    code = "amount_not_chargeable"


class PaymentNotFound(NotFound):
    """There is no such payment."""


class PaymentClosed(Conflict):
    """This order's payment was cancelled; it cannot be started again under the same id."""

    code = "payment_closed"


class PaymentExpired(Conflict):
    """The time to pay has passed."""

    code = "payment_expired"


class PaymentNotRetryable(Conflict):
    """Only a declined payment can be tried again."""

    # details: the status it has
    code = "payment_not_retryable"


class PaymentNotCapturable(Conflict):
    """Only a payment that is authorised can be captured, and only once."""

    # details: the status it has
    code = "payment_not_capturable"


class CaptureExceedsAuthorized(Conflict):
    """More would be captured than is authorised."""

    # details: authorized (minor units)
    code = "capture_exceeds_authorized"


class PaymentNotVoidable(Conflict):
    """Only a payment that is authorised, and of which nothing was taken, can be voided."""

    # details: the status it has
    code = "payment_not_voidable"


class ProviderDisagrees(Conflict):
    """The provider speaks of another amount than this payment's: somebody has to look at it."""

    # details: expected, said (minor units), currency
    code = "provider_disagrees"


class SplitMismatch(Invalid):
    """The parts do not add up to the amount."""

    # details: expected (minor units), currency
    code = "split_mismatch"


class RefundRefused(Conflict):
    """The payment provider has refused this refund."""

    code = "refund_refused"


class RefundExceedsCaptured(Conflict):
    """More would be refunded than was captured."""

    # details: `requested` (minor units); none where nothing is left to refund
    code = "refund_exceeds_captured"
