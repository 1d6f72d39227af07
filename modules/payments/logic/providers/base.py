"""What a payment provider has to offer, in our words. Providers differ; what they tell us does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.money import Money
from modules.payments.contracts import Failure
from modules.payments.models import AttemptStatus, RefundStatus


class InvalidSignature(Invalid):
    """The event is not signed by this provider, is altered, or is too old."""

    code = "invalid_signature"


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One attempt as its provider is asked for it: `attempt_id` is the idempotency key, `reference` its own name."""

    attempt_id: UUID
    payment_id: UUID
    order_id: UUID
    amount: Money
    method: str
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class ObservedRefund:
    """A refund as the provider has it; `refund_id` is ours where we asked for it."""

    reference: str
    refund_id: UUID | None
    status: RefundStatus
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class Observed:
    """All that a provider says about one attempt at one moment: totals, not steps."""

    reference: str
    status: AttemptStatus
    authorized_minor: int = 0
    captured_minor: int = 0
    refunds: tuple[ObservedRefund, ...] = ()
    failure: Failure | None = None
    next_action: dict[str, str] | None = None
    # For the buyer's browser to go on with. Never kept with what was said.
    client_secret: str = ""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A verified webhook: which event it is, and which attempt it is about (by our id, or by the provider's name)."""

    event_id: str
    type: str
    attempt_id: UUID | None = None
    reference: str = ""
    # Whether something may have changed that we keep.
    matters: bool = True


class Provider(Protocol):
    """One way to collect money. All but verify_webhook may ask the network, so never inside a transaction.

    Each may be repeated: the same charge, or refund, has its effect once. A call whose outcome is not known raises
    Unavailable; a decline is an answer, not an error.
    """

    name: str
    public_key: str | None

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods a buyer may choose from; empty where the provider asks him itself."""

    def method_for(self, asked: str | None) -> str:
        """The method to use; raises MethodNotAvailable."""

    def create(self, charge: Charge) -> Observed:
        """Begin to collect; for a charge it has already, what became of it."""

    def confirm(self, charge: Charge, method: str | None) -> Observed:
        """Go on after the buyer has done his part; changes nothing where nothing waits for him."""

    def fetch(self, charge: Charge) -> Observed | None:
        """What became of it; None when the provider has never heard of it."""

    def capture(self, charge: Charge, amount: Money) -> Observed:
        """Take what is authorised."""

    def cancel(self, charge: Charge) -> Observed:
        """Cancel it unless the money has moved; afterwards a late `create` of it collects nothing."""

    def refund(self, charge: Charge, refund_id: UUID, amount: Money) -> Observed:
        """Give money back; `refund_id` is the idempotency key. A refusal is a refund that failed."""

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Read an event from its raw body; raises InvalidSignature."""
