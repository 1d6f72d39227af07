"""What a refund comes to: pure arithmetic over what has not been given back yet.

Every part of an order (a line, its shipping) is given back in steps that add up to it to the cent, its tax with it: a
step's share is rounded half-up of what is left, and the last one takes all that is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ecommerce.kernel.money import Money, round_half_up, share


@dataclass(frozen=True, kw_only=True)
class Left:
    """What of a part was paid for and not given back yet, in minor units; `amount` includes `tax`."""

    units: int
    amount: int
    tax: int


@dataclass(frozen=True, kw_only=True)
class Back:
    """What of a part is given back, in minor units; `amount` includes `tax`."""

    amount: int
    tax: int


NOTHING = Back(amount=0, tax=0)


def of_units(left: Left, units: int) -> Back:
    """The share of so many of the units that are left."""
    if units == left.units:
        return Back(amount=left.amount, tax=left.tax)
    return _part(left, round_half_up(Fraction(left.amount * units, left.units)))


def of_amount(lefts: Sequence[Left], amount: Money) -> list[Back]:
    """An amount over all parts, each in proportion to what is left of it; at most all of it."""
    shares = share(amount, [left.amount for left in lefts])
    return [_part(left, one.minor) for left, one in zip(lefts, shares, strict=True)]


def _part(left: Left, amount: int) -> Back:
    if not left.amount:
        return NOTHING
    return Back(amount=amount, tax=round_half_up(Fraction(left.tax * amount, left.amount)))
