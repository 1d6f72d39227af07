"""Refunds. Stripe docs: "Refund and cancel payments", "The Refund object", "Handle failed refunds"."""

from tests.fakes.stripe import balance, forms, listing
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.refusals import invalid
from tests.fakes.stripe.routing import route

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


@route("POST", "/v1/refunds", takes="payment_intent charge amount metadata reason")
def create(account: Account, params: Object) -> Object:
    """Create a refund: all that is left, or a part of it."""
    charge = _charge(account, params)
    left = charge["amount_captured"] - _refunded(account, charge)
    if not left:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = forms.positive(params, "amount") if "amount" in params else left
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise invalid(message, param="amount")
    if charge["disputed"] and _withdrawn(account, charge):
        raise invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    return _new(account, charge, amount, params)


def _charge(account: Account, params: Object) -> Object:
    if "charge" in params:
        return account.get("charge", params["charge"], "charge")
    if "payment_intent" not in params:
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    intent = account.get("payment_intent", params["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise invalid(message, code="payment_intent_unexpected_state")
    return account.get("charge", intent["latest_charge"])


def _refunded(account: Account, charge: Object) -> int:
    """What has been given back or is on its way; a refund that failed has given nothing."""
    return sum(
        refund["amount"]
        for refund in account.all("refund", charge=charge["id"])
        if refund["balance_transaction"] is not None and refund["status"] in ("pending", "succeeded")
    )


def _withdrawn(account: Account, charge: Object) -> bool:
    return any(
        dispute["status"] != "won" and dispute["balance_transactions"]
        for dispute in account.all("dispute", charge=charge["id"])
    )


def _new(account: Account, charge: Object, amount: int, params: Object) -> Object:
    refund = account.add(
        "refund",
        amount=amount,
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        currency=charge["currency"],
        failure_balance_transaction=None,
        metadata=dict(params.get("metadata", {})),
        reason=params.get("reason"),
        status="pending" if account.hidden.pop("next_refund_pends", False) else "succeeded",
    )
    refund["balance_transaction"] = balance.move(account, "refund", refund, -amount, charge["currency"])["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    account.emit("refund.created", refund)
    account.emit("charge.refunded", charge)
    return refund


@route("GET", "/v1/refunds/{reference}")
def retrieve(account: Account, params: Object, reference: str) -> Object:
    """Retrieve a refund."""
    return account.get("refund", reference)


@route("GET", "/v1/refunds", takes=f"payment_intent charge {listing.LISTS}")
def list_all(account: Account, params: Object) -> Object:
    """List all refunds."""
    equal = {name: params[name] for name in ("payment_intent", "charge") if name in params}
    return listing.page("/v1/refunds", account.all("refund", **equal), params)


class Refunds:
    """What the banks do with refunds."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def next_one_pends(self) -> None:
        """The next refund does not succeed at once."""
        self._account.hidden["next_refund_pends"] = True

    def make(self, intent: str, amount: int) -> str:
        """Staff refund in Stripe's dashboard; returns the refund's name."""
        with self._account.lock:
            made = create(self._account, {"payment_intent": intent, "amount": str(amount)})
            return str(made["id"])

    def succeed(self, reference: str) -> None:
        """The buyer has his money."""
        with self._account.lock:
            refund = self._account.get("refund", reference)
            refund["status"] = "succeeded"
            self._account.emit("refund.updated", refund)

    def fail(self, reference: str, reason: str = "lost_or_stolen_card") -> None:
        """The buyer's bank has sent the money back, even long after: it is in our balance again."""
        with self._account.lock:
            refund = self._account.get("refund", reference)
            charge = self._account.get("charge", refund["charge"])
            back = balance.move(self._account, "refund_failure", refund, refund["amount"], refund["currency"])
            refund |= {"status": "failed", "failure_reason": reason, "failure_balance_transaction": back["id"]}
            charge |= {"amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False}
            self._account.emit("refund.updated", refund)
            self._account.emit("refund.failed", refund)
