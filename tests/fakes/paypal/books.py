"""What the fake remembers: one account, its orders and money."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from tests.fakes.paypal.http import Answer, Json


@dataclass
class Account:
    """The shop's account at PayPal, and its REST app."""

    client_id: str = "fake-client"
    client_secret: str = "fake-client-secret"
    webhook_id: str = "5WH00000FAKE00001"
    # docs/checkout/apm/reference/… "Block accidental payments": on by default, an invoice id is paid once.
    refuses_paid_invoices: bool = True
    may_see_disputes: bool = True
    may_search_transactions: bool = True


@dataclass
class Bank:
    """What decides how captures and refunds end, by command."""

    fee_rate: Decimal = Decimal("0.0299")
    fee_fixed: Decimal = Decimal("0.35")
    # docs/api/payments/v2, seller_receivable_breakdown.exchange_rate: the balance is held in another currency.
    settles_in: str = ""
    rate: Decimal = Decimal(1)
    # docs/api/payments/v2, capture status PENDING: held for review, an e-cheque, a currency that is not accepted.
    holds_captures: bool = False
    # docs/api/payments/v2, refund status PENDING: an e-cheque that has yet to clear.
    holds_refunds: bool = False


@dataclass
class Books:
    """All resources by their ids, in PayPal's own form; guarded by one lock."""

    account: Account = field(default_factory=Account)
    bank: Bank = field(default_factory=Bank)
    lock: threading.RLock = field(default_factory=threading.RLock)
    orders: dict[str, Json] = field(default_factory=dict)
    authorizations: dict[str, Json] = field(default_factory=dict)
    captures: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    disputes: dict[str, Json] = field(default_factory=dict)
    transactions: list[Json] = field(default_factory=list)
    paid_invoices: set[str] = field(default_factory=set)
    # Orders whose buyer's bank will refuse the next payment.
    unfunded: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    # (path, PayPal-Request-Id) → what was done then.
    done: dict[tuple[str, str], Answer] = field(default_factory=dict)
    # Told of everything that happens: (event type, resource type, resource).
    tell: Callable[[str, str, Json], None] = lambda kind, of, resource: None
