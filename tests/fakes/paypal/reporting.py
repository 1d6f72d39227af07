"""Transaction search. Follows docs/api/transaction-search/v1."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from tests.fakes.paypal import amounts
from tests.fakes.paypal.books import Books
from tests.fakes.paypal.http import Answer, Json, Problem, Request, malformed, new_id, now, stamp

LONGEST = timedelta(days=31)
DEFAULT_PAGE, LARGEST_PAGE = 100, 500
# Authorisations and what becomes of them: reports call them records that affect no balance.
MOVES_NOTHING = "T13"

_serial = count(1)


def search(books: Books, request: Request) -> Answer:
    """GET /v1/reporting/transactions: at most 31 days, by pages, the oldest first."""
    if not books.account.may_search_transactions:
        raise Problem(403, "NOT_AUTHORIZED", "PERMISSION_DENIED")
    since, until = _moment(request.query, "start_date"), _moment(request.query, "end_date")
    if until - since > LONGEST:
        raise malformed("INVALID_REQUEST_DATE_RANGE")
    size, page = int(request.query.get("page_size", DEFAULT_PAGE)), int(request.query.get("page", 1))
    if not 1 <= size <= LARGEST_PAGE:
        raise malformed("INVALID_PAGE_SIZE")
    found = [one for one in books.transactions if _is_wanted(one, request, since, until)]
    found.sort(key=lambda one: str(one["transaction_initiation_date"]))
    document = {
        "transaction_details": [{"transaction_info": one} for one in found[(page - 1) * size : page * size]],
        "account_number": "FAKEACCOUNT01",
        "page": page,
        "total_items": len(found),
        "total_pages": -(-len(found) // size),
    }
    return Answer(200, lambda request: document)


def withdraw(books: Books, value: Decimal, currency: str, *, code: str = "T0403", at: datetime | None = None) -> str:
    """docs/transaction-search/transaction-event-codes, T04nn: money goes to the shop's bank (T03nn: comes from it)."""
    amount = amounts.write(value, currency)
    if code.startswith("T04"):
        amount["value"] = f"-{amount['value']}"
    return _add(books, code, amount, at, custom=None)


def receive(books: Books, value: Decimal, currency: str, *, custom: str | None, at: datetime | None = None) -> str:
    """A payment to this account that was made without the shop's order."""
    return _add(books, "T0006", amounts.write(value, currency), at, custom=custom)


def _add(books: Books, code: str, amount: Json, at: datetime | None, *, custom: str | None) -> str:
    line = {
        "transaction_id": new_id(),
        "transaction_event_code": code,
        "transaction_initiation_date": stamp(at or now()),
        "transaction_amount": amount,
        "transaction_status": "S",
        "custom_field": custom,
    }
    books.transactions.append(line)
    return str(line["transaction_id"])


def _is_wanted(line: Json, request: Request, since: datetime, until: datetime) -> bool:
    code = line["transaction_event_code"]
    if request.query.get("balance_affecting_records_only", "Y") == "Y" and code.startswith(MOVES_NOTHING):
        return False
    if request.query.get("transaction_type") not in (None, code):
        return False
    return since <= datetime.fromisoformat(line["transaction_initiation_date"]) <= until


def _moment(query: object, name: str) -> datetime:
    try:
        return datetime.fromisoformat(query[name])  # type: ignore[index]  # a mapping of strings
    except (KeyError, ValueError):
        raise malformed("INVALID_PARAMETER_SYNTAX") from None
