"""Charges: each attempt to collect an intent's money.

Stripe docs: "The Charge object", "Place a hold on a payment method".
"""

from tests.fakes.stripe import balance, methods
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.cards import Decline
from tests.fakes.stripe.routing import route

# How long a card's authorisation holds.
HOLD = 7 * 24 * 3600


def charge(account: Account, intent: Object, method: Object, status: str, *, captured: bool) -> Object:
    """A new charge of all that an intent asks for, and the intent's latest."""
    made = account.add(
        "charge",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        currency=intent["currency"],
        customer=intent["customer"],
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=methods.details(account, method),
        # Stripe docs: "Metadata": an intent's is copied to its charge when that is made.
        metadata=dict(intent["metadata"]),
        balance_transaction=None,
        captured=False,
        disputed=False,
        failure_code=None,
        failure_message=None,
        paid=status == "succeeded",
        refunded=False,
        status=status,
    )
    intent["latest_charge"] = made["id"]
    if captured:
        collect(account, made, intent["amount"])
    elif status == "succeeded" and method["type"] == "card":
        made["payment_method_details"]["card"]["capture_before"] = account.now() + HOLD
    return made


def collect(account: Account, made: Object, amount: int) -> None:
    """The money moves: its balance transaction is there at once (capture_method automatic or manual)."""
    made |= {"captured": True, "paid": True, "status": "succeeded", "amount_captured": amount}
    fee = balance.charge_fee(account, amount, made["currency"])
    moved = balance.move(account, "charge", made, amount, made["currency"], fee=fee)
    made["balance_transaction"] = moved["id"]


def release(account: Account, made: Object) -> None:
    """What is authorised and not captured goes back to the buyer: Stripe keeps a refund of it that moved nothing."""
    rest = made["amount"] - made["amount_captured"]
    if not rest:
        return
    account.add(
        "refund",
        amount=rest,
        charge=made["id"],
        payment_intent=made["payment_intent"],
        currency=made["currency"],
        balance_transaction=None,
        failure_balance_transaction=None,
        metadata={},
        reason=None,
        status="succeeded",
    )
    made["amount_refunded"] += rest
    made["refunded"] = made["amount_refunded"] == made["amount"]
    account.emit("charge.refunded", made)


def failed(account: Account, made: Object, decline: Decline) -> None:
    """The bank has declined."""
    made |= {
        "status": "failed",
        "paid": False,
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": {"reason": decline.decline_code or decline.code, "type": "issuer_declined"},
    }
    account.emit("charge.failed", made)


@route("GET", "/v1/charges/{reference}")
def retrieve(account: Account, params: Object, reference: str) -> Object:
    """Retrieve a charge."""
    return account.get("charge", reference)
