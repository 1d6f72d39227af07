"""What a payment provider has to offer, in our words. Providers differ; what they tell us does not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.money import Money
from modules.payments.contracts import Failure
from modules.payments.models import AttemptStatus, DisputeStatus, RefundStatus


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
    # Only authorise: the money is taken later, by `capture`.
    captures_later: bool = False
    # The storefront's page for a buyer who comes back from the provider's.
    return_url: str = ""
    # The provider's own name of the payer, where he has one there: his saved methods hang on it.
    customer: str = ""


@dataclass(frozen=True, kw_only=True)
class ObservedRefund:
    """A refund as the provider has it; `refund_id` is ours where we asked for it."""

    reference: str
    refund_id: UUID | None
    status: RefundStatus
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class ObservedDispute:
    """A payment that the buyer disputes with his bank. Both amounts are totals, and never fall."""

    reference: str
    status: DisputeStatus
    amount_minor: int
    # What the bank has taken back from us so far, and of it what it has returned.
    withdrawn_minor: int = 0
    reinstated_minor: int = 0
    # The bank's words for why, such as "fraudulent".
    reason: str = ""
    evidence_due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ObservedMove:
    """One line of the provider's balance: what moved, what it cost us, and in which currency it was settled.

    Amounts are signed as for the balance: what comes in is above zero. `fee_minor` is what the provider kept (a fee
    given back is below zero).
    """

    reference: str
    # In the payment's own currency.
    moved_minor: int
    # Before the fee, in the currency of the balance.
    settled_minor: int
    fee_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Observed:
    """All that a provider says about one attempt at one moment: totals, not steps."""

    reference: str
    status: AttemptStatus
    # What the provider believes is to be paid: compared with what we asked for.
    amount: Money | None = None
    authorized_minor: int = 0
    captured_minor: int = 0
    refunds: tuple[ObservedRefund, ...] = ()
    disputes: tuple[ObservedDispute, ...] = ()
    moves: tuple[ObservedMove, ...] = ()
    # When an authorisation lapses.
    capture_before: datetime | None = None
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


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An attempt as it stands in the provider's own records; `attempt_id` is None where it is none of ours."""

    attempt_id: UUID | None
    created_at: datetime
    observed: Observed


@dataclass(frozen=True, kw_only=True)
class ListedPage:
    """Some of the provider's records, and where the next ones begin: None after the last."""

    listed: tuple[Listed, ...]
    cursor: str | None


@dataclass(frozen=True, kw_only=True)
class Payout:
    """Money that the provider has sent to our bank; below zero where it took some from there."""

    reference: str
    amount: Money
    arrived_at: datetime


class Provider(Protocol):
    """One way to collect money. All but verify_webhook may ask the network, so never inside a transaction.

    Each may be repeated: the same charge, or refund, has its effect once. A call whose outcome is not known raises
    Unavailable, one that cannot have reached the provider ProviderUnreachable; a decline is an answer, not an error.
    """

    name: str

    @property
    def public_key(self) -> str | None:
        """What the buyer's browser needs to talk with the provider; None where it does not."""

    @property
    def dashboard(self) -> str:
        """A payment's address in the provider's own pages for staff, with {reference} in it; empty: it has none."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods a buyer may choose from; empty where the provider asks him itself."""

    def method_for(self, asked: str | None) -> str:
        """The method to use; raises MethodNotAvailable."""

    def check_amount(self, amount: Money) -> None:
        """Refuse what this provider can never collect, before anything is written; raises AmountNotChargeable."""

    def create(self, charge: Charge) -> Observed:
        """Begin to collect; for a charge it has already, what became of it."""

    def confirm(self, charge: Charge, method: str | None) -> Observed:
        """Go on after the buyer has done his part; changes nothing where nothing waits for him."""

    def fetch(self, charge: Charge) -> Observed | None:
        """What became of it; None when the provider has never heard of it."""

    def capture(self, charge: Charge, capture_id: UUID, amount: Money) -> Observed:
        """Take so much of what is authorised and let the rest go, once; `capture_id` is the idempotency key.

        Where nothing is authorised any more, what became of it.
        """

    def cancel(self, charge: Charge) -> Observed:
        """Cancel it, authorised or not, unless money has moved; afterwards a late `create` of it collects nothing."""

    def refund(self, charge: Charge, refund_id: UUID, amount: Money) -> Observed:
        """Give money back; `refund_id` is the idempotency key. A refusal is a refund that failed."""

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Read an event from its raw body; raises InvalidSignature."""

    def list_attempts(self, since: datetime, until: datetime, cursor: str | None) -> ListedPage:
        """A page of what the provider has on record as begun in this time (the end not included), in any order."""

    def list_payouts(self, since: datetime, until: datetime) -> Iterator[Payout]:
        """What has arrived at our bank in this time."""
