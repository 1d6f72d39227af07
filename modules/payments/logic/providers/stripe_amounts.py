"""Amounts as Stripe counts them. Its decimals are mostly those of ISO 4217; here is where they are not.

Stripe docs: "Supported currencies", zero-decimal, three-decimal and special cases.
"""

from fractions import Fraction

from ecommerce.kernel.money import EXPONENTS, Money, round_half_up
from modules.payments.contracts import AmountNotChargeable

ZERO_DECIMAL = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# ISK and UGX are in neither: they have no decimals any more, but Stripe goes on counting two, always zero.


def to_stripe(money: Money) -> int:
    """What Stripe calls this amount; raises AmountNotChargeable for one it would have to round."""
    exact = money.minor * _factor(money.currency)
    # Of three decimals Stripe takes only two: the last must be a zero.
    if exact.denominator != 1 or (money.currency in THREE_DECIMAL and money.minor % 10):
        raise AmountNotChargeable(amount=money.amount, currency=money.currency)
    return exact.numerator


def from_stripe(amount: int, currency: str) -> Money:
    """Stripe's amount in our minor units."""
    code = currency.upper()
    # Nothing is rounded but what Stripe itself says never happens: parts of an ISK or a UGX.
    return Money(minor=round_half_up(amount / _factor(code)), currency=code)


def _factor(currency: str) -> Fraction:
    """Stripe's units in one of our minor units."""
    return Fraction(10) ** (_decimals(currency) - EXPONENTS.get(currency, 2))


def _decimals(currency: str) -> int:
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2
