"""Amounts and their parts, judged before anything is written."""

from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.money import Money
from modules.payments.contracts import Split, SplitMismatch


def check_amount(amount: Money) -> None:
    """Refuse an amount of nothing or less."""
    if amount.minor <= 0:
        raise Invalid("The amount must be more than nothing.", amount=amount.amount)


def check_split(split: Split, minor: int, currency: str) -> None:
    """Refuse a split that does not add up; raises SplitMismatch."""
    parts = (split.sales, split.tax, split.shipping)
    fits = all(part.currency == currency for part in parts) and sum(part.minor for part in parts) == minor
    if not fits:
        raise SplitMismatch(expected=minor, currency=currency)
