"""How an intent's status moves.

Stripe docs: "How PaymentIntents work", "The Payment Intents API", "Payment status updates".
"""

from typing import Any

from tests.fakes.stripe import charges, disputes, methods
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.cards import AUTHENTICATION, DEBIT_FAILED, NOT_AUTHENTICATED, Decline
from tests.fakes.stripe.refusals import Refusal

Options = dict[str, Any]


def attempt(account: Account, intent: Object, method: Object, *, off_session: bool, return_url: str | None) -> None:
    """Try to collect by this method; raises the card error of a decline, after everything about it is kept."""
    does = methods.behaviour(account, method)
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    if does.authenticates and off_session:
        raise _declined(account, intent, method, AUTHENTICATION)
    if does.authenticates:
        _ask_buyer(account, intent, return_url)
        return
    pay(account, intent, method)


def pay(account: Account, intent: Object, method: Object) -> None:
    """The bank is asked: it pays, declines, or says later."""
    does = methods.behaviour(account, method)
    if does.decline is not None:
        raise _declined(account, intent, method, does.decline)
    if does.delayed:
        intent["status"] = "processing"
        account.emit("charge.pending", charges.charge(account, intent, method, "pending", captured=False))
        account.emit("payment_intent.processing", intent)
        return
    if intent["capture_method"] == "manual":
        made = charges.charge(account, intent, method, "succeeded", captured=False)
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        account.emit("charge.succeeded", made)
        account.emit("payment_intent.amount_capturable_updated", intent)
        return
    made = charges.charge(account, intent, method, "succeeded", captured=True)
    _succeeded(account, intent, made, "charge.succeeded")
    if does.disputed:
        disputes.open_dispute(account, made, inquiry=does.disputed == "inquiry")


def capture(account: Account, intent: Object, amount: int) -> None:
    """Take so much; the rest of the authorisation is released."""
    made = account.get("charge", intent["latest_charge"])
    charges.collect(account, made, amount)
    charges.release(account, made)
    _succeeded(account, intent, made, "charge.captured")


def cancel(account: Account, intent: Object, reason: str | None, event: str = "") -> None:
    """Nothing more can become of it; what is authorised is released."""
    was_authorized = intent["status"] == "requires_capture"
    intent |= {
        "status": "canceled",
        "canceled_at": account.now(),
        "cancellation_reason": reason,
        "amount_capturable": 0,
        "next_action": None,
    }
    if was_authorized:
        made = account.get("charge", intent["latest_charge"])
        charges.release(account, made)
        if event:
            account.emit(event, made)
    account.emit("payment_intent.canceled", intent)


def authenticated(account: Account, intent: Object, *, succeeds: bool) -> None:
    """The buyer is back from his bank's page. Stripe docs: "3D Secure authentication"."""
    method = account.get("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if not succeeds:
        _failed(account, intent, method, NOT_AUTHENTICATED, None)
        return
    try:
        pay(account, intent, method)
    except Refusal:
        # Nobody waits for the answer: the intent says why.
        return


def settled(account: Account, intent: Object, *, succeeds: bool) -> None:
    """Days later: the bank has paid a debit, or it has not."""
    made = account.get("charge", intent["latest_charge"])
    if succeeds:
        charges.collect(account, made, intent["amount"])
        _succeeded(account, intent, made, "charge.succeeded")
        return
    charges.failed(account, made, DEBIT_FAILED)
    _failed(account, intent, account.get("payment_method", intent["payment_method"]), DEBIT_FAILED, made)


def _ask_buyer(account: Account, intent: Object, return_url: str | None) -> None:
    """Stripe docs: "The PaymentIntent object", next_action: a page of Stripe's, or what Stripe.js does by itself."""
    intent["status"] = "requires_action"
    intent["next_action"] = (
        {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": f"https://hooks.example/redirect/{intent['id']}", "return_url": return_url},
        }
        if return_url
        else {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    )
    account.emit("payment_intent.requires_action", intent)


def _succeeded(account: Account, intent: Object, made: Object, event: str) -> None:
    intent |= {"status": "succeeded", "amount_received": made["amount_captured"], "amount_capturable": 0}
    account.emit(event, made)
    account.emit("payment_intent.succeeded", intent)


def _declined(account: Account, intent: Object, method: Object, decline: Decline) -> Refusal:
    made = charges.charge(account, intent, method, "failed", captured=False)
    charges.failed(account, made, decline)
    error = _failed(account, intent, method, decline, made)
    return Refusal(402, **_envelope(error), payment_intent=dict(intent))


def _envelope(error: Object) -> Options:
    return {("kind" if name == "type" else name): value for name, value in error.items()}


def _failed(account: Account, intent: Object, method: Object, decline: Decline, made: Object | None) -> Object:
    kind = "card_error" if method["type"] == "card" and made is not None else "invalid_request_error"
    error: Object = {"type": kind, "code": decline.code, "message": decline.message, "payment_method": dict(method)}
    if decline.decline_code:
        error["decline_code"] = decline.decline_code
    if made is not None:
        error["charge"] = made["id"]
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": error}
    account.emit("payment_intent.payment_failed", intent)
    return error
