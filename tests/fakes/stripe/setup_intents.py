"""Saving a method without a payment.

Stripe docs: "The SetupIntent object", "Save and reuse", "Set up future payments".
"""

import secrets

from tests.fakes.stripe import forms, methods
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.cards import NOT_AUTHENTICATED
from tests.fakes.stripe.refusals import Refusal, unexpected_state
from tests.fakes.stripe.routing import route

CONFIRMING = "payment_method return_url use_stripe_sdk"


@route(
    "POST",
    "/v1/setup_intents",
    takes=f"automatic_payment_methods payment_method_types confirm customer metadata usage {CONFIRMING}",
)
def create(account: Account, params: Object) -> Object:
    """Create a SetupIntent."""
    if "customer" in params:
        account.get("customer", params["customer"], "customer")
    made = account.add(
        "setup_intent",
        customer=params.get("customer"),
        last_setup_error=None,
        metadata=dict(params.get("metadata", {})),
        next_action=None,
        payment_method=None,
        status="requires_payment_method",
        usage=params.get("usage", "off_session"),
    )
    made["client_secret"] = f"{made['id']}_secret_{secrets.token_hex(12)}"
    account.emit("setup_intent.created", made)
    if forms.truth(params, "confirm"):
        confirm(account, params, made["id"])
    return made


@route("GET", "/v1/setup_intents/{reference}", takes="client_secret")
def retrieve(account: Account, params: Object, reference: str) -> Object:
    """Retrieve a SetupIntent."""
    return account.get("setup_intent", reference, "intent")


@route("POST", "/v1/setup_intents/{reference}/confirm", takes=CONFIRMING)
def confirm(account: Account, params: Object, reference: str) -> Object:
    """Confirm a SetupIntent: the bank is asked whether the method may be used later."""
    intent = account.get("setup_intent", reference, "intent")
    if intent["status"] in ("succeeded", "canceled"):
        raise unexpected_state(intent, "it cannot be confirmed")
    given = params.get("payment_method") or intent["payment_method"]
    if given is None:
        raise unexpected_state(intent, "it is missing a payment method")
    method = methods.use(account, given, intent["customer"])
    does = methods.behaviour(account, method)
    intent |= {"payment_method": method["id"], "last_setup_error": None}
    if does.decline is not None:
        error = {"code": does.decline.code, "message": does.decline.message, "decline_code": does.decline.decline_code}
        intent |= {"status": "requires_payment_method", "payment_method": None, "last_setup_error": error}
        account.emit("setup_intent.setup_failed", intent)
        raise Refusal(402, "card_error", setup_intent=dict(intent), **error)  # type: ignore[arg-type]
    if does.authenticates:
        intent["status"] = "requires_action"
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
        account.emit("setup_intent.requires_action", intent)
    else:
        _succeeded(account, intent, method)
    return intent


def authenticated(account: Account, intent: Object, *, succeeds: bool) -> None:
    """The buyer is back from his bank's page."""
    method = account.get("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if succeeds:
        _succeeded(account, intent, method)
        return
    error = {"code": "setup_intent_authentication_failure", "message": NOT_AUTHENTICATED.message}
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_setup_error": error}
    account.emit("setup_intent.setup_failed", intent)


def _succeeded(account: Account, intent: Object, method: Object) -> None:
    intent["status"] = "succeeded"
    if intent["customer"] is not None:
        methods.saved(account, method, intent["customer"])
    account.emit("setup_intent.succeeded", intent)
