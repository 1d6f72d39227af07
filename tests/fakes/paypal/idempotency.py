"""PayPal-Request-Id. Follows reference/guidelines/idempotency.

A repetition does nothing and answers with the latest status of what the first request did. Only what was done is
remembered: a request that ended in a 4xx or 5xx may be sent again under the same id.
"""

from collections.abc import Callable

from tests.fakes.paypal.books import Books
from tests.fakes.paypal.http import Answer, Request, malformed

LONGEST = 108


def once(books: Books, request: Request, act: Callable[[], Answer]) -> Answer:
    """Do it, unless a request with this id has done it already."""
    request_id = request.headers.get("paypal-request-id", "")
    if len(request_id) > LONGEST:
        raise malformed("INVALID_STRING_LENGTH")
    key = (request.path, request_id)
    if request_id and key in books.done:
        return Answer(200, books.done[key].show)
    answer = act()
    if request_id:
        books.done[key] = answer
    return answer


def forget(books: Books) -> None:
    """Orders keep ids for 6 hours (docs/api/orders/v2), payments for 45 days (docs/api/payments/v2): later."""
    books.done.clear()
