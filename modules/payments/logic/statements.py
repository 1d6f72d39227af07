"""Reading the books: what stands in which account, and what moved."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from ecommerce.kernel.money import Money
from modules.payments.models import Entry


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry of a statement; either debit or credit is given."""

    posted_at: datetime
    posting: str
    account: str
    debit: str | None
    credit: str | None
    currency: str


@dataclass(frozen=True, kw_only=True)
class Balance:
    """One account in one currency; a balance above zero is a debit balance."""

    account: str
    debit: str
    credit: str
    balance: str
    currency: str


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which entries: of an order, of an account, posted in a period (the end is left out); None leaves a bound open."""

    order_id: UUID | None = None
    account: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def read_statement(selected: Selection) -> Iterator[Line]:
    """The selected entries: oldest posting first, and of each the debits first."""
    entries = _entries(selected).select_related("posting")
    entries = entries.order_by("posting__posted_at", "posting_id", "-amount_minor", "account")
    for entry in entries.iterator(chunk_size=1000):
        amount = Money(minor=abs(entry.amount_minor), currency=entry.currency).amount
        yield Line(
            posted_at=entry.posting.posted_at,
            posting=entry.posting.kind,
            account=entry.account,
            debit=amount if entry.amount_minor > 0 else None,
            credit=amount if entry.amount_minor < 0 else None,
            currency=entry.currency,
        )


def read_balances(selected: Selection) -> list[Balance]:
    """Each account's sums over the selected entries, by account and currency."""
    sums = (
        _entries(selected)
        .values("account", "currency")
        .annotate(
            debit=Coalesce(Sum("amount_minor", filter=Q(amount_minor__gt=0)), 0),
            credit=Coalesce(-Sum("amount_minor", filter=Q(amount_minor__lt=0)), 0),
        )
        .order_by("account", "currency")
    )
    return [_balance(**row) for row in sums]


def read_opening(selected: Selection) -> list[Balance]:
    """What stood in each account when the period began; nothing where it has no beginning."""
    if selected.since is None:
        return []
    return read_balances(replace(selected, since=None, until=selected.since))


def trial_balance(selected: Selection) -> dict[str, str]:
    """What all selected entries come to in each currency: nothing, unless an account or an order was selected."""
    sums = _entries(selected).values("currency").annotate(minor=Sum("amount_minor")).order_by("currency")
    return {row["currency"]: Money(minor=int(row["minor"]), currency=row["currency"]).amount for row in sums}


def _entries(selected: Selection) -> QuerySet[Entry]:
    wanted = {
        "posting__order_id": selected.order_id,
        "account": selected.account,
        "posting__posted_at__gte": selected.since,
        "posting__posted_at__lt": selected.until,
    }
    return Entry.objects.filter(**{name: value for name, value in wanted.items() if value is not None})


def _balance(*, account: str, currency: str, debit: int, credit: int) -> Balance:
    def amount(minor: int) -> str:
        return Money(minor=int(minor), currency=currency).amount

    return Balance(
        account=account,
        debit=amount(debit),
        credit=amount(credit),
        balance=amount(debit - credit),
        currency=currency,
    )
