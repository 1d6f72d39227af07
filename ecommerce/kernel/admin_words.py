"""How the admin's pages say things, in every module: amounts in major units, moments, statuses, ways to other pages."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from ecommerce.kernel.money import EXPONENTS, Money


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page, and what is written on the way to it."""

    title: str
    href: str


def elsewhere(user: Any, scope: str, name: str, *about: Any, **query: Any) -> str | None:
    """A page of this same admin, for who may see it and where its module is installed: known by its name alone."""
    if not user.has_perm(scope):
        return None
    with suppress(NoReverseMatch):
        address = reverse(f"admin:{name}", args=about)
        return f"{address}?{urlencode(query)}" if query else address
    return None


def spaced(status: str) -> str:
    """A status as it is read: partially refunded."""
    return status.replace("_", " ")


def moment(instant: datetime | None) -> str:
    """A moment in UTC, to the minute."""
    return f"{timezone.localtime(instant):%Y-%m-%d %H:%M}" if instant else "-"


def money(minor: int, currency: str) -> str:
    """An amount in major units: 19.90 EUR."""
    return str(Money(minor=minor, currency=currency))


def read_amount(text: str, currency: str) -> Money:
    """An amount as it is typed: 5 is 5.00. ValueError for what is none of this currency, and for nothing or less."""
    try:
        amount = Decimal(text.strip())
        found = Money.parse(f"{amount:.{EXPONENTS[currency]}f}", currency)
    except (InvalidOperation, ValueError):
        found = None
    if found is None or found.minor <= 0 or Decimal(found.amount) != amount:
        raise ValueError(f"{text} is no amount in {currency}.")
    return found
