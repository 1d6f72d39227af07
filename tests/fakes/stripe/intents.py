"""PaymentIntents as endpoints. Stripe docs: "The PaymentIntent object", "Place a hold on a payment method"."""

import secrets

from tests.fakes.stripe import collecting, forms, listing, methods
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.refusals import invalid, malformed, unexpected_state
from tests.fakes.stripe.routing import route

SMALLEST = 30
CAPTURES = ("automatic", "automatic_async", "manual")
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELLABLE = ("requires_payment_method", "requires_confirmation", "requires_action", "requires_capture")
CONFIRMING = "payment_method off_session return_url use_stripe_sdk"
CREATING = (
    "automatic_payment_methods capture_method confirm customer description metadata payment_method_types "
    f"receipt_email setup_future_usage statement_descriptor_suffix {CONFIRMING}"
)


@route("POST", "/v1/payment_intents", takes=CREATING, needs="amount currency")
def create(account: Account, params: Object) -> Object:
    """Create a PaymentIntent, and confirm it where `confirm` says so."""
    amount = forms.positive(params, "amount")
    if amount < SMALLEST:
        message = "Amount must convert to at least 50 cents."
        raise malformed(message, code="amount_too_small", param="amount")
    confirms, customer = forms.truth(params, "confirm"), params.get("customer")
    if forms.truth(params, "off_session") and not confirms:
        raise invalid("off_session is only valid where confirm is true.", param="off_session")
    if customer is not None:
        account.get("customer", customer, "customer")
    capture_method = params.get("capture_method", "automatic_async")
    if capture_method not in CAPTURES:
        raise malformed("Invalid capture_method", code="parameter_invalid_enum", param="capture_method")
    method = methods.use(account, params["payment_method"], customer) if "payment_method" in params else None
    _check_return(params, params.get("automatic_payment_methods", {}), confirms=confirms)
    intent = _new(account, params, amount, capture_method)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    account.emit("payment_intent.created", intent)
    if confirms:
        _confirm(account, intent, params, method)
    return intent


def _new(account: Account, params: Object, amount: int, capture_method: str) -> Object:
    automatic = params.get("automatic_payment_methods")
    intent = account.add(
        "payment_intent",
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        automatic_payment_methods=_automatic(automatic) if automatic else None,
        canceled_at=None,
        cancellation_reason=None,
        capture_method=capture_method,
        currency=params["currency"].lower(),
        customer=params.get("customer"),
        last_payment_error=None,
        latest_charge=None,
        metadata=dict(params.get("metadata", {})),
        next_action=None,
        payment_method=None,
        payment_method_types=params.get("payment_method_types", ["card"]),
        setup_future_usage=params.get("setup_future_usage"),
        status="requires_payment_method",
    )
    intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(12)}"
    return intent


def _automatic(given: Object) -> Object:
    return {"enabled": given.get("enabled") == "true", "allow_redirects": given.get("allow_redirects", "always")}


def _check_return(params: Object, automatic: Object, *, confirms: bool) -> None:
    """Stripe docs: "Build an integration: automatic payment methods": some redirect, so a way back is needed."""
    redirects = automatic.get("allow_redirects", "always") == "always" and automatic.get("enabled") in (True, "true")
    if confirms and redirects and "return_url" not in params and not forms.truth(params, "off_session"):
        raise invalid("To confirm this PaymentIntent you must provide a `return_url`.", param="return_url")


@route("POST", "/v1/payment_intents/{reference}/confirm", takes=CONFIRMING)
def confirm(account: Account, params: Object, reference: str) -> Object:
    """Confirm a PaymentIntent."""
    intent = account.get("payment_intent", reference, "intent")
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "it cannot be confirmed")
    _check_return(params, intent["automatic_payment_methods"] or {}, confirms=True)
    given = params.get("payment_method") or intent["payment_method"]
    if given is None:
        raise unexpected_state(intent, "it is missing a payment method")
    _confirm(account, intent, params, methods.use(account, given, intent["customer"]))
    return intent


def _confirm(account: Account, intent: Object, params: Object, method: Object | None) -> None:
    if method is None:
        raise unexpected_state(intent, "it is missing a payment method")
    collecting.attempt(
        account,
        intent,
        method,
        off_session=forms.truth(params, "off_session"),
        return_url=None if forms.truth(params, "use_stripe_sdk") else params.get("return_url"),
    )


@route("POST", "/v1/payment_intents/{reference}/capture", takes="amount_to_capture metadata")
def capture(account: Account, params: Object, reference: str) -> Object:
    """Capture a PaymentIntent: once, up to what is authorised."""
    intent = account.get("payment_intent", reference, "intent")
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "it cannot be captured")
    amount = forms.whole(params, "amount_to_capture", intent["amount_capturable"]) or 0
    if not 0 < amount <= intent["amount_capturable"]:
        message = "The requested capture amount is greater than the amount you can capture for this charge."
        raise invalid(message, code="amount_too_large", param="amount_to_capture")
    collecting.capture(account, intent, amount)
    return intent


@route("POST", "/v1/payment_intents/{reference}/cancel", takes="cancellation_reason")
def cancel(account: Account, params: Object, reference: str) -> Object:
    """Cancel a PaymentIntent."""
    intent = account.get("payment_intent", reference, "intent")
    if intent["status"] not in CANCELLABLE:
        raise unexpected_state(intent, "it cannot be canceled")
    collecting.cancel(account, intent, params.get("cancellation_reason"))
    return intent


@route("GET", "/v1/payment_intents/{reference}", takes="client_secret")
def retrieve(account: Account, params: Object, reference: str) -> Object:
    """Retrieve a PaymentIntent."""
    return account.get("payment_intent", reference, "intent")


@route("GET", "/v1/payment_intents", takes=f"customer {listing.LISTS}")
def list_all(account: Account, params: Object) -> Object:
    """List all PaymentIntents."""
    equal = {"customer": params["customer"]} if "customer" in params else {}
    return listing.page("/v1/payment_intents", account.all("payment_intent", **equal), params)


def lapse(account: Account) -> None:
    """Authorisations do not hold for ever. Stripe docs: "Place a hold on a payment method", capture_before."""
    for intent in list(account.all("payment_intent", status="requires_capture")):
        card = account.get("charge", intent["latest_charge"])["payment_method_details"].get("card", {})
        if card.get("capture_before", account.now()) < account.now():
            collecting.cancel(account, intent, "automatic", event="charge.expired")
