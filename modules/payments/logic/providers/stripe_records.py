"""What Stripe has on record: one intent with all that belongs to it, an attempt's, those of a period, payouts."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ecommerce.kernel import clock
from modules.payments.logic.providers.base import Charge, Listed, ListedPage, Observed, Payout
from modules.payments.logic.providers.stripe_amounts import from_stripe
from modules.payments.logic.providers.stripe_client import PAGE, Answer, api, looking, pages
from modules.payments.logic.providers.stripe_reading import attempt_of, latest_charge, read

# In one question all of a payment that was neither refunded nor disputed.
EXPAND = ["latest_charge.balance_transaction", "latest_charge.refunds"]
EXPAND_LISTED = [f"data.{path}" for path in EXPAND]
EXPAND_REFUNDS = ["data.balance_transaction", "data.failure_balance_transaction"]
# By how much the clocks of two machines may differ.
CLOCKS = timedelta(minutes=5)


def fetch(reference: str, return_url: str = "") -> Observed | None:
    """How an intent stands; None where Stripe knows none of this name."""
    from stripe import InvalidRequestError

    with looking():
        try:
            intent = api().payment_intents.retrieve(reference, {"expand": EXPAND})
        except InvalidRequestError as error:
            if error.code == "resource_missing":
                return None
            raise
    return complete(intent.to_dict(), return_url)


def complete(intent: Answer, return_url: str = "") -> Observed:
    """An intent that came with `EXPAND`, with its refunds and disputes: asked for only where there are any."""
    charge, mine = latest_charge(intent), {"payment_intent": intent["id"]}
    refunds = _all("refunds", mine | {"expand": EXPAND_REFUNDS}) if _has_refunds(charge) else []
    disputes = _all("disputes", mine) if charge.get("disputed") else []
    return read(intent, refunds, disputes, return_url)


def find(charge: Charge) -> Observed | None:
    """The intent of an attempt whose name for it we do not know, among all that began since the attempt did.

    Stripe's search is seconds behind, its lists are not.
    """
    params: Answer = {"created": {"gte": math.floor((began_at(charge) - CLOCKS).timestamp())}, "expand": EXPAND_LISTED}
    for rows in pages(api().payment_intents.list, params):  # type: ignore[arg-type]  # plain
        for intent in rows:
            if attempt_of(intent) == charge.attempt_id:
                return complete(intent, charge.return_url)
    return None


def began_at(charge: Charge) -> datetime:
    """When an attempt began: its id is a UUIDv7, which holds the time; for any other a day ago."""
    if charge.attempt_id.version != 7:
        return clock.now() - timedelta(days=1)
    return datetime.fromtimestamp((charge.attempt_id.int >> 80) / 1000, UTC)


def list_attempts(since: datetime, until: datetime, cursor: str | None) -> ListedPage:
    """A page of the intents that began in this time."""
    params: Answer = {"created": _interval(since, until), "limit": PAGE, "expand": EXPAND_LISTED}
    if cursor is not None:
        params["starting_after"] = cursor
    with looking():
        page = api().payment_intents.list(params)  # type: ignore[arg-type]  # a plain dictionary
    rows = [row.to_dict() for row in page.data]
    listed = tuple(
        Listed(
            attempt_id=attempt_of(row),
            created_at=datetime.fromtimestamp(row["created"], UTC),
            observed=complete(row),
        )
        for row in rows
    )
    return ListedPage(listed=listed, cursor=rows[-1]["id"] if rows and page.has_more else None)


def list_payouts(since: datetime, until: datetime) -> Iterator[Payout]:
    """What has arrived at our bank in this time."""
    params = {"arrival_date": _interval(since, until), "status": "paid"}
    for rows in pages(api().payouts.list, params):  # type: ignore[arg-type]  # plain
        for payout in rows:
            yield Payout(
                reference=payout["id"],
                amount=from_stripe(payout["amount"], payout["currency"]),
                arrived_at=datetime.fromtimestamp(payout["arrival_date"], UTC),
            )


def _interval(since: datetime, until: datetime) -> dict[str, int]:
    """Stripe's instants are whole seconds."""
    return {"gte": math.ceil(since.timestamp()), "lt": math.ceil(until.timestamp())}


def _has_refunds(charge: Answer) -> bool:
    # Of what was only authorised Stripe keeps a refund too, once it is let go.
    return bool(charge.get("captured") and (charge.get("refunds") or {}).get("data"))


def _all(kind: str, params: Answer) -> list[Answer]:
    return [row for rows in pages(lambda asked: getattr(api(), kind).list(asked), params) for row in rows]
