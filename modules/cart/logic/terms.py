"""Promotions, goods, and what is taken off them, as plain values."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from ecommerce.kernel.money import Money
from modules.cart.contracts import PromotionKind as Kind


@dataclass(frozen=True, kw_only=True)
class Tier:
    """From so many units on, so many percent."""

    quantity: int
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """A promotion as it is offered; without goods named it is for the whole cart.

    `percent` is for "percentage", and for what "buy_x_get_y" gives (100: for nothing); `amount` is for "fixed". A
    promotion with an amount or a minimum is for carts in that currency only. `minimum` is compared with the cart before
    any discount. For each `buy` + `get` units of its goods, the `get` cheapest of all are reduced.
    """

    id: UUID
    title: str
    kind: Kind
    percent: Decimal = Decimal(0)
    amount: Money | None = None
    tiers: Sequence[Tier] = ()
    buy: int = 0
    get: int = 0
    minimum: Money | None = None
    category_ids: frozenset[UUID] = frozenset()
    product_ids: frozenset[UUID] = frozenset()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    stackable: bool = True
    priority: int = 0


@dataclass(frozen=True, kw_only=True)
class Goods:
    """A line of a cart, as promotions see it; `unit_minor` in the cart's currency."""

    variant_id: UUID
    product_id: UUID
    category_ids: Sequence[UUID]
    quantity: int
    unit_minor: int

    @property
    def minor(self) -> int:
        return self.unit_minor * self.quantity


class Share(NamedTuple):
    """What of a promotion falls on one line: `amount` is the exact part rounded down, and `remainder`, the one minor
    unit that it got so that the shares add up, or 0."""

    variant_id: UUID
    numerator: int
    denominator: int
    amount: int
    remainder: int

    @property
    def exact(self) -> Fraction:
        """The part before rounding, in minor units."""
        return Fraction(self.numerator, self.denominator)


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A promotion that was taken: in minor units, and how it falls on the lines."""

    promotion: Promotion
    amount: int
    shares: Sequence[Share]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The choice that was made, in the order in which it was taken."""

    applied: Sequence[Applied]
    free_shipping: bool

    @property
    def amount(self) -> int:
        """What it takes off in all, in minor units."""
        return sum(one.amount for one in self.applied)

    def by_line(self) -> dict[UUID, int]:
        """What it takes off each line that it reduces."""
        amounts: dict[UUID, int] = defaultdict(int)
        for one in self.applied:
            for share in one.shares:
                amounts[share.variant_id] += share.amount
        return amounts
