"""Which call is answered by what."""

import re
from collections.abc import Callable

from tests.fakes.paypal import authorizations, captures, disputes, idempotency, orders, refunds, reporting, tokens
from tests.fakes.paypal.books import Books
from tests.fakes.paypal.http import Answer, Request, not_found

Handler = Callable[..., Answer]

ID = "([A-Z0-9-]+)"
TABLE: list[tuple[str, str, Handler]] = [
    ("POST", "/v2/checkout/orders", orders.create),
    ("GET", f"/v2/checkout/orders/{ID}", orders.get),
    ("PATCH", f"/v2/checkout/orders/{ID}", orders.patch),
    ("POST", f"/v2/checkout/orders/{ID}/capture", orders.capture),
    ("POST", f"/v2/checkout/orders/{ID}/authorize", orders.authorize),
    ("GET", f"/v2/payments/authorizations/{ID}", authorizations.get),
    ("POST", f"/v2/payments/authorizations/{ID}/capture", authorizations.capture),
    ("POST", f"/v2/payments/authorizations/{ID}/void", authorizations.void),
    ("GET", f"/v2/payments/captures/{ID}", captures.get),
    ("POST", f"/v2/payments/captures/{ID}/refund", refunds.create),
    ("GET", f"/v2/payments/refunds/{ID}", refunds.get),
    ("GET", "/v1/customer/disputes", disputes.list_some),
    ("GET", f"/v1/customer/disputes/{ID}", disputes.get),
    ("GET", "/v1/reporting/transactions", reporting.search),
]


def answer(books: Books, request: Request) -> Answer:
    """Do what is asked; raises Problem."""
    if request.path == "/v1/oauth2/token":
        return tokens.issue(books, request)
    tokens.check(books, request)
    for method, pattern, handler in TABLE:
        match = re.fullmatch(pattern, request.path)
        if match and method == request.method:
            ids = match.groups()
            if method != "POST":
                return handler(books, request, *ids)
            return idempotency.once(books, request, lambda: handler(books, request, *ids))  # noqa: B023  (called now)
    raise not_found()
