"""Where something is done or looked at."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from modules.orders.models import Order


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page, and what is written on the way to it."""

    title: str
    href: str


def of_act(name: str, title: str, order: Order, *about: Any) -> Link:
    """The page of an act on an order, or on a part of it."""
    return Link(title=title, href=reverse(f"admin:orders_order_{name}", args=[order.pk, *about]))


def elsewhere(user: Any, scope: str, name: str, *about: Any, **query: Any) -> str | None:
    """Another module's page in this same admin, for who may see it; orders knows no more of it than its address."""
    if not user.has_perm(scope):
        return None
    with suppress(NoReverseMatch):
        address = reverse(f"admin:{name}", args=about)
        return f"{address}?{urlencode(query)}" if query else address
    return None
