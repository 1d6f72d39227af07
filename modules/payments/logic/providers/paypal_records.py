"""What PayPal has on record for a time. https://developer.paypal.com/docs/api/transaction-search/v1/

PayPal lists transactions, not attempts, and up to three hours after they were made. Each is followed to its order, so
that what is compared is exact and bears the names that we know: three calls for each attempt (one asks for its
disputes), beside one for each page.
Payments that came by other ways than our orders are told from the transaction alone.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ecommerce.kernel import clock
from modules.payments.logic.providers import paypal_disputes
from modules.payments.logic.providers.base import Listed, ListedPage, Observed, Payout
from modules.payments.logic.providers.paypal_amounts import from_paypal
from modules.payments.logic.providers.paypal_client import RefusedByPayPal, ask
from modules.payments.logic.providers.paypal_reading import our_id, read, taken
from modules.payments.models import AttemptStatus

Json = dict[str, Any]

# https://developer.paypal.com/docs/transaction-search/transaction-event-codes/
CHECKOUT, AUTHORIZATION = "T0006", "T1300"
INTENTS = {CHECKOUT: "CAPTURE", AUTHORIZATION: "AUTHORIZE"}
PATHS = {CHECKOUT: "/v2/payments/captures", AUTHORIZATION: "/v2/payments/authorizations"}
TO_THE_BANK, FROM_THE_BANK = "T04", "T03"
SUCCEEDED = "S"

PAGE, LARGEST_PAGE = 50, 500
LONGEST_WINDOW = timedelta(days=31)
SECOND = timedelta(seconds=1)
# An order that is begun in the time asked for may be paid until then: later PayPal has forgotten it.
PAID_WITHIN = timedelta(hours=72)


def list_attempts(since: datetime, until: datetime, cursor: str | None) -> ListedPage:
    """A page of the orders that were made in this time and paid, or authorised."""
    code, start, page = _read_cursor(cursor) if cursor else (CHECKOUT, since, 1)
    last = min(until + PAID_WITHIN, clock.now())
    if start > last:
        return ListedPage(listed=(), cursor=None)
    end = min(start + LONGEST_WINDOW - SECOND, last)
    found = _search(start, end, page, PAGE, {"transaction_type": code, "balance_affecting_records_only": "N"})
    listed = [_follow(one["transaction_info"], code) for one in found.get("transaction_details", [])]
    within = tuple(one for one in listed if one is not None and since <= one.created_at < until)
    if page < int(found.get("total_pages", 1)):
        return ListedPage(listed=within, cursor=_write_cursor(code, start, page + 1))
    if end < last:
        return ListedPage(listed=within, cursor=_write_cursor(code, end + SECOND, 1))
    # Once more from the beginning, for what is only authorised.
    return ListedPage(listed=within, cursor=_write_cursor(AUTHORIZATION, since, 1) if code == CHECKOUT else None)


def list_payouts(since: datetime, until: datetime) -> Iterator[Payout]:
    """What went to our bank, or came from there: all transactions are read for it, 500 in a call."""
    start, last = since, min(until, clock.now())
    while start <= last:
        end = min(start + LONGEST_WINDOW - SECOND, last)
        for info in _transactions(start, end):
            if _moment(info) < until and _moves_to_bank(info):
                yield Payout(
                    reference=info["transaction_id"],
                    amount=-from_paypal(info["transaction_amount"]),
                    arrived_at=_moment(info),
                )
        start = end + SECOND


def _transactions(start: datetime, end: datetime) -> Iterator[Json]:
    page, pages = 1, 1
    while page <= pages:
        found = _search(start, end, page, LARGEST_PAGE, {"balance_affecting_records_only": "Y"})
        for one in found.get("transaction_details", []):
            yield one["transaction_info"]
        page, pages = page + 1, int(found.get("total_pages", 1))


def _moves_to_bank(info: Json) -> bool:
    is_of_bank = info["transaction_event_code"][:3] in (TO_THE_BANK, FROM_THE_BANK)
    return is_of_bank and info.get("transaction_status") == SUCCEEDED


def _search(start: datetime, end: datetime, page: int, size: int, more: dict[str, str]) -> Json:
    params = {
        "start_date": _stamp(start),
        "end_date": _stamp(end),
        "fields": "transaction_info",
        "page_size": str(size),
        "page": str(page),
    }
    return ask("GET", "/v1/reporting/transactions", params=params | more)


def _follow(info: Json, code: str) -> Listed | None:
    """The attempt behind a transaction; None where another of its transactions stands for it."""
    attempt_id = our_id(info.get("custom_field"))
    order = None if attempt_id is None else _find_order(info["transaction_id"], code)
    if order is None:
        return None if code == AUTHORIZATION else _as_told(info, attempt_id)
    if order["intent"] != INTENTS[code]:
        return None
    observed = replace(read(order), disputes=paypal_disputes.of_captures(taken(order)))
    return Listed(attempt_id=attempt_id, created_at=datetime.fromisoformat(order["create_time"]), observed=observed)


def _find_order(transaction_id: str, code: str) -> Json | None:
    try:
        payment = ask("GET", f"{PATHS[code]}/{transaction_id}")
        order_id = payment.get("supplementary_data", {}).get("related_ids", {}).get("order_id")
        return ask("GET", f"/v2/checkout/orders/{order_id}") if order_id else None
    except RefusedByPayPal as refusal:
        if refusal.is_not_found:
            return None
        raise


def _as_told(info: Json, attempt_id: UUID | None) -> Listed:
    amount = from_paypal(info["transaction_amount"])
    has_come = info.get("transaction_status") == SUCCEEDED
    observed = Observed(
        reference=info["transaction_id"],
        status=AttemptStatus.CAPTURED if has_come else AttemptStatus.PROCESSING,
        amount=amount,
        captured_minor=amount.minor if has_come else 0,
    )
    return Listed(attempt_id=attempt_id, created_at=_moment(info), observed=observed)


def _write_cursor(code: str, start: datetime, page: int) -> str:
    return f"{code} {start.isoformat()} {page}"


def _read_cursor(cursor: str) -> tuple[str, datetime, int]:
    code, start, page = cursor.split(" ")
    return code, datetime.fromisoformat(start), int(page)


def _moment(info: Json) -> datetime:
    return datetime.fromisoformat(info["transaction_initiation_date"])


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
