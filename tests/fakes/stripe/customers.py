"""Customers. Stripe docs: "The Customer object", "Save a customer's payment method"."""

from tests.fakes.stripe import listing
from tests.fakes.stripe.account import Account, Object
from tests.fakes.stripe.routing import route


@route("POST", "/v1/customers", takes="email name description metadata")
def create(account: Account, params: Object) -> Object:
    """Create a customer."""
    named = {name: params.get(name) for name in ("email", "name", "description")}
    made = account.add("customer", metadata=dict(params.get("metadata", {})), **named)
    account.emit("customer.created", made)
    return made


@route("GET", "/v1/customers/{reference}")
def retrieve(account: Account, params: Object, reference: str) -> Object:
    """Retrieve a customer; of a deleted one only that it is."""
    return account.get("customer", reference)


@route("GET", "/v1/customers", takes=f"email {listing.LISTS}")
def list_all(account: Account, params: Object) -> Object:
    """List all customers."""
    alive = (customer for customer in account.all("customer") if not customer.get("deleted"))
    return listing.page("/v1/customers", alive, params)


@route("DELETE", "/v1/customers/{reference}")
def delete(account: Account, params: Object, reference: str) -> Object:
    """Delete a customer, for ever, with his saved methods."""
    customer = account.get("customer", reference)
    for method in account.all("payment_method", customer=reference):
        method["customer"] = None
    gone: Object = {"id": reference, "object": "customer", "deleted": True}
    account.tables["customer"][reference] = gone
    account.emit("customer.deleted", customer)
    return gone
