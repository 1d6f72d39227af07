"""Payment methods. Stripe docs: "The PaymentMethod object", "Save a customer's payment method", "Testing"."""

from typing import Any

from tests.fakes.stripe import listing
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.cards import BEHAVIOURS, Behaviour
from tests.fakes.stripe.refusals import invalid, missing
from tests.fakes.stripe.routing import route


def use(account: Account, reference: str, customer: str | None, param: str = "payment_method") -> Object:
    """The method of a request: a test name (`pm_card_…`) makes a new method, as at Stripe; any other must exist.

    One that is saved for a customer is for his payments only.
    """
    if reference in BEHAVIOURS:
        return _new(account, reference)
    method = account.tables["payment_method"].get(reference)
    if method is None:
        raise missing("PaymentMethod", reference, param)
    if method["customer"] is not None and method["customer"] != customer:
        message = f"The PaymentMethod {reference} belongs to a customer: include that customer in the request."
        raise invalid(message, param=param)
    return method


def behaviour(account: Account, method: Object) -> Behaviour:
    """What the bank behind a method does."""
    return BEHAVIOURS[account.hidden[method["id"]]]


def details(account: Account, method: Object) -> Object:
    """How a charge describes the method."""
    kind = method["type"]
    return {"type": kind, kind: dict(method[kind])}


def _new(account: Account, name: str) -> Object:
    does = BEHAVIOURS[name]
    shown: Object = {"last4": does.last4}
    if does.kind == "card":
        shown |= {"brand": does.brand, "exp_month": 12, "exp_year": 2034, "funding": "credit", "country": "US"}
    fields: Object = {"type": does.kind, "customer": None, "metadata": {}, does.kind: shown}
    method = account.add("payment_method", **fields)
    account.hidden[method["id"]] = name
    return method


@route("GET", "/v1/payment_methods/{reference}")
def retrieve(account: Account, params: Object, reference: str) -> Object:
    """Retrieve a PaymentMethod."""
    return account.get("payment_method", reference)


@route("GET", "/v1/payment_methods", takes=f"type customer {listing.LISTS}")
def list_all(account: Account, params: Object) -> Object:
    """List PaymentMethods."""
    return _page("/v1/payment_methods", account, params, params.get("customer", ""))


@route("GET", "/v1/customers/{reference}/payment_methods", takes=f"type {listing.LISTS}")
def list_of_customer(account: Account, params: Object, reference: str) -> Object:
    """List a Customer's PaymentMethods."""
    account.get("customer", reference)
    return _page(f"/v1/customers/{reference}/payment_methods", account, params, reference)


def _page(url: str, account: Account, params: Object, customer: str) -> Object:
    equal: dict[str, Any] = {"customer": customer}
    if "type" in params:
        equal["type"] = params["type"]
    return listing.page(url, account.all("payment_method", **equal), params)


@route("POST", "/v1/payment_methods/{reference}/attach", needs="customer")
def attach(account: Account, params: Object, reference: str) -> Object:
    """Attach a PaymentMethod to a Customer."""
    account.get("customer", params["customer"], "customer")
    method = use(account, reference, params["customer"])
    return saved(account, method, params["customer"])


@route("POST", "/v1/payment_methods/{reference}/detach")
def detach(account: Account, params: Object, reference: str) -> Object:
    """Detach a PaymentMethod from its Customer: it cannot be used again."""
    method = account.get("payment_method", reference)
    if method["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    method["customer"] = None
    account.emit("payment_method.detached", method)
    return method


def saved(account: Account, method: Object, customer: str) -> Object:
    """The method, from now on the customer's."""
    method["customer"] = customer
    account.emit("payment_method.attached", method)
    return method
