"""The balance: one transaction for each move. Stripe docs: "The Balance Transaction object", "Currency conversions"."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from tests.fakes.stripe import listing
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.routing import route

FEE_SHARE = Decimal("0.015")
FEE_FIXED = 25
DISPUTE_FEE = 2000


@dataclass(frozen=True)
class Settlement:
    currency: str
    rate: Decimal


class Balance:
    """In which currency the account is settled; without a command, each charge in its own."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def settle_in(self, currency: str, rate: str) -> None:
        """From now on all is exchanged into this currency."""
        self._account.hidden["settlement"] = Settlement(currency.lower(), Decimal(rate))


def move(account: Account, kind: str, source: Object, amount: int, currency: str, *, fee: int = 0) -> Object:
    """One line of the balance, exchanged where the account is settled in another currency.

    The fee is in the currency of the balance and may be below zero, where it is given back.
    """
    settlement: Settlement | None = account.hidden.get("settlement")
    rate = None
    if settlement is not None and settlement.currency != currency:
        rate, currency = settlement.rate, settlement.currency
        amount = _whole(amount * rate)
    return account.add(
        "balance_transaction",
        type=kind,
        reporting_category=kind,
        source=source["id"],
        amount=amount,
        fee=fee,
        net=amount - fee,
        fee_details=[{"amount": fee, "currency": currency, "type": "stripe_fee"}] if fee else [],
        currency=currency,
        exchange_rate=float(rate) if rate is not None else None,
        status="pending",
        available_on=account.now() + 2 * 24 * 3600,
    )


def charge_fee(account: Account, amount: int, currency: str) -> int:
    """1.5 percent and 25, of what is settled."""
    settlement: Settlement | None = account.hidden.get("settlement")
    rate = settlement.rate if settlement is not None and settlement.currency != currency else Decimal(1)
    return _whole(_whole(amount * rate) * FEE_SHARE) + FEE_FIXED


def _whole(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@route("GET", "/v1/balance_transactions/{reference}")
def retrieve(account: Account, params: Object, reference: str) -> Object:
    """Retrieve a balance transaction."""
    return account.get("balance_transaction", reference)


@route("GET", "/v1/balance_transactions", takes=f"source type payout currency {listing.LISTS}")
def list_all(account: Account, params: Object) -> Object:
    """List all balance transactions."""
    equal = {name: params[name] for name in ("source", "type", "currency") if name in params}
    return listing.page("/v1/balance_transactions", account.all("balance_transaction", **equal), params)
