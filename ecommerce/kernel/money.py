"""Money in minor units. Imports no Django.

Exponents (how many decimals a currency has) are those of ISO 4217; amounts are BIGINT minor units with the
currency's code beside them, never floats and never bare numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import iso4217

MAX_MINOR = 2**63 - 1

# Funds, metals and test codes have no exponent in ISO 4217: nothing can be priced in them.
EXPONENTS: dict[str, int] = {c.code: c.exponent for c in iso4217.Currency if c.exponent is not None}

_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,18})(?:\.([0-9]+))?", re.ASCII)


class CurrencyMismatch(ValueError):
    """Two currencies in one sum."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """An amount in minor units (cents for EUR, yen for JPY) of one ISO 4217 currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise ValueError(f"{self.currency!r} is no active ISO 4217 currency")
        if not -MAX_MINOR <= self.minor <= MAX_MINOR:
            raise ValueError("amount out of range")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(minor=self.minor + other.minor, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(minor=self.minor - other.minor, currency=self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(minor=self.minor * quantity, currency=self.currency)

    def __neg__(self) -> Money:
        return Money(minor=-self.minor, currency=self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @property
    def amount(self) -> str:
        """The decimal string of the API: exactly the currency's decimals ("19.90" EUR, "1990" JPY)."""
        exponent = EXPONENTS[self.currency]
        if exponent == 0:
            return str(self.minor)
        sign, digits = ("-" if self.minor < 0 else ""), str(abs(self.minor)).rjust(exponent + 1, "0")
        return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in this currency."""
        return cls(minor=0, currency=currency)

    @classmethod
    def parse(cls, amount: str, currency: str) -> Money:
        """Read the API's notation; ValueError for another exponent, notation or range, or an unknown currency."""
        if currency not in EXPONENTS:
            raise ValueError(f"{currency!r} is no active ISO 4217 currency")
        match = _AMOUNT.fullmatch(amount)
        if not match or len(match[2] or "") != EXPONENTS[currency]:
            raise ValueError(f"{currency} takes a decimal string with {EXPONENTS[currency]} decimals")
        money = cls(minor=int(amount.replace(".", "")), currency=currency)
        if money.amount != amount:
            raise ValueError("nothing is written without a sign")
        return money

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")


def api_money(money: Money) -> dict[str, str]:
    """Money as the API answers it, and as every JSON document of ours holds it."""
    return {"amount": money.amount, "currency": money.currency}


def total(parts: Iterable[Money], currency: str) -> Money:
    """The sum of `parts`; zero of `currency` when there are none."""
    result = Money.zero(currency)
    for part in parts:
        result = result + part
    return result


def round_half_up(value: Fraction | Decimal) -> int:
    """The one rounding rule of the shop: to the nearest minor unit, halves away from zero."""
    value = Fraction(value)
    magnitude = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return magnitude if value >= 0 else -magnitude


def in_major_units(minor: Fraction | int, currency: str) -> Decimal:
    """So many minor units, parts of one included, as a decimal: to a millionth of a minor unit, and with at least the
    currency's decimals (5/2 cents: 0.025; 100 cents: 1.00)."""
    exponent = EXPONENTS[currency]
    millionths = Decimal(round_half_up(Fraction(minor) * 10**6)).scaleb(-6 - exponent)
    whole, _, decimals = f"{millionths:f}".partition(".")
    return Decimal(f"{whole}.{decimals.rstrip('0').ljust(exponent, '0')}")


def share(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Split `amount` over `weights` by the largest remainder: the parts add up to it to the cent.

    Ties go to the earlier part. Weights are not negative; when all are zero the first part takes everything.
    """
    if not weights:
        raise ValueError("nothing to share over")
    if min(weights) < 0:
        raise ValueError("weights are not negative")
    whole = sum(weights) or 1
    sign, minor = (-1 if amount.minor < 0 else 1), abs(amount.minor)
    parts = [minor * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(minor * weights[i] % whole))
    if not sum(weights):
        parts[0] = minor
    else:
        for index in by_remainder[: minor - sum(parts)]:
            parts[index] += 1
    return [Money(minor=sign * part, currency=amount.currency) for part in parts]


def round_together(parts: Sequence[Fraction]) -> list[int]:
    """Round parts that are not negative so that they add up to their sum, rounded half-up: each down, then one more for
    the largest remainders. Ties go to the earlier part."""
    rounded = [part.numerator // part.denominator for part in parts]
    spare = round_half_up(sum(parts, Fraction(0))) - sum(rounded)
    for index in sorted(range(len(parts)), key=lambda i: rounded[i] - parts[i])[:spare]:
        rounded[index] += 1
    return rounded
