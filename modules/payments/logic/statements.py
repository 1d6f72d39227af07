"""Reading the books: what stands in which account, and what moved."""

from collections.abc import Iterator
from dataclasses import dataclass
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


def read_statement(*, order_id: UUID | None = None, account: str | None = None) -> Iterator[Line]:
    """The entries of an order, an account, both or all: oldest posting first, and of each the debits first."""
    entries = _entries(order_id, account).select_related("posting")
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


def read_balances(*, order_id: UUID | None = None, account: str | None = None) -> list[Balance]:
    """Each account's sums, by account and currency."""
    sums = (
        _entries(order_id, account)
        .values("account", "currency")
        .annotate(
            debit=Coalesce(Sum("amount_minor", filter=Q(amount_minor__gt=0)), 0),
            credit=Coalesce(-Sum("amount_minor", filter=Q(amount_minor__lt=0)), 0),
        )
        .order_by("account", "currency")
    )
    return [_balance(**row) for row in sums]


def _entries(order_id: UUID | None, account: str | None) -> QuerySet[Entry]:
    entries = Entry.objects.all()
    if order_id is not None:
        entries = entries.filter(posting__order_id=order_id)
    return entries.filter(account=account) if account else entries


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
