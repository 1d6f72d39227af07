"""The page of one payment: all that is known of it, and what may be done about it now."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from ecommerce.kernel.admin_words import Link, elsewhere, moment, money, spaced
from modules.payments.admin import links, payment_parts, words
from modules.payments.admin.acts import ACTS
from modules.payments.models import Attempt, Entry, Observation, Payment, ProviderEvent
from modules.users.contracts import Scope

# Of what providers tell again and again, the newest.
MOST_SHOWN = 100
Table = dict[str, Any]


def context(payment: Payment, user: Any) -> dict[str, Any]:
    """What a member of staff sees of it, by as many statements however long it is."""
    attempts = list(payment.attempts.order_by("number"))
    disputes = payment.disputes.order_by("-opened_at", "-id")
    entries = list(_entries(payment))
    return {
        "title": f"Payment {payment.pk}",
        "payment": payment,
        "status": (spaced(payment.status), words.COLOURS.get(payment.status, "")),
        "buttons": _buttons(payment, user),
        "order": elsewhere(user, Scope.ORDERS_READ, "orders_order_change", payment.order_id),
        "payer": elsewhere(user, Scope.USERS_READ, "users_user_change", payment.payer_id) if payment.payer_id else None,
        "amounts": _amounts(payment),
        "facts": _facts(payment),
        "attempts": [payment_parts.attempt(one) for one in attempts],
        "disputes": [payment_parts.dispute(one, payment) for one in disputes],
        "refunds": [payment_parts.refund(one, payment) for one in payment.refunds.order_by("-created_at", "-id")],
        "instructions": [
            payment_parts.instruction(one, payment) for one in payment.instructions.order_by("created_at")
        ],
        "observations": _observations(payment, attempts),
        "events": _events(attempts),
        "entries": _as_table(entries),
        "balances": _balances(entries),
    }


def _buttons(payment: Payment, user: Any) -> list[Link]:
    if not user.has_perm(Scope.PAYMENTS_WRITE):
        return []
    offered = [(name, kind) for name, kind in ACTS.items() if kind(payment).is_offered()]
    return [Link(title=kind.title, href=links.of_act(name, payment)) for name, kind in offered]


def _amounts(payment: Payment) -> list[tuple[str, str]]:
    named = [
        ("Amount", payment.amount_minor),
        ("Goods", payment.sales_minor),
        ("Tax", payment.tax_minor),
        ("Shipping", payment.shipping_minor),
        ("Authorised", payment.authorized_minor),
        ("Captured", payment.captured_minor),
        ("Given back", payment.refunded_minor),
        ("Going back", payment.refund_pending_minor),
        ("Disputed", payment.disputed_minor),
    ]
    return [(name, money(minor, payment.currency)) for name, minor in named if minor]


def _facts(payment: Payment) -> list[tuple[str, str]]:
    failure = ": ".join(filter(None, [payment.failure_code, payment.failure_message]))
    moments = [
        ("Begun", payment.created_at),
        ("Payable until", payment.payable_until if payment.captured_minor == 0 else None),
        ("Capture before", payment.capture_before),
        ("Asked to be cancelled", payment.cancel_requested_at),
        ("Revenue recognised", payment.recognised_at),
        ("Payer forgotten", payment.payer_erased_at),
    ]
    told = [
        ("For", spaced(payment.purpose)),
        ("Provider", payment.provider),
        ("Taken", "when the first parcel leaves" if payment.captures_later else "at once"),
        *((name, f"{moment(at)} UTC") for name, at in moments if at),
    ]
    return [*told, ("Declined", failure)] if failure else told


def _observations(payment: Payment, attempts: Sequence[Attempt]) -> Table:
    numbers = {one.pk: one.number for one in attempts}
    found = Observation.objects.filter(attempt__in=numbers).order_by("-observed_at", "-id")[:MOST_SHOWN]
    rows = [payment_parts.observation(one, numbers[one.attempt_id], payment) for one in found]
    return {"headers": ["When (UTC)", "Attempt", "Status", "What the provider said"], "rows": rows}


def _events(attempts: Sequence[Attempt]) -> Table:
    """That they came, not what they say: that may hold names and addresses."""
    about = Q(attempt_id__in=[one.pk for one in attempts])
    for one in attempts:
        if one.provider_reference:
            about |= Q(provider=one.provider, provider_reference=one.provider_reference)
    found = ProviderEvent.objects.filter(about).defer("body").order_by("-received_at", "-id")[:MOST_SHOWN]
    rows = [[moment(one.received_at), one.type, one.event_id, moment(one.handled_at)] for one in found]
    return {"headers": ["Received (UTC)", "Type", "Event", "Handled (UTC)"], "rows": rows}


def _entries(payment: Payment) -> Iterable[Entry]:
    entries = Entry.objects.filter(posting__payment=payment).select_related("posting")
    return entries.order_by("posting__posted_at", "posting_id", "-amount_minor", "account")


def _as_table(entries: Sequence[Entry]) -> Table:
    rows = [
        [moment(one.posting.posted_at), spaced(one.posting.kind), one.account, *_sides(one.amount_minor, one.currency)]
        for one in entries
    ]
    return {"headers": ["Posted (UTC)", "What", "Account", "Debit", "Credit"], "rows": rows}


def _balances(entries: Sequence[Entry]) -> Table:
    """What stands in each account because of this payment, and that debits and credits are as much."""
    debits, credits_, accounts = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for one in entries:
        (debits if one.amount_minor > 0 else credits_)[one.currency] += abs(one.amount_minor)
        accounts[one.account, one.currency] += one.amount_minor
    rows = [[account, *_sides(minor, currency)] for (account, currency), minor in sorted(accounts.items()) if minor]
    sums = [
        [f"All entries in {currency}", money(debits[currency], currency), money(credits_[currency], currency)]
        for currency in sorted({*debits, *credits_})
    ]
    return {"headers": ["Account", "Debit", "Credit"], "rows": [*rows, *sums]}


def _sides(minor: int, currency: str) -> list[str]:
    """A debit, or a credit."""
    amount = money(abs(minor), currency)
    return [amount, ""] if minor > 0 else ["", amount]
