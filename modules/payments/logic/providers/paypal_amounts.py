"""Amounts in PayPal's form: decimal strings, in the currencies it takes.

https://developer.paypal.com/docs/api/reference/currency-codes/
"""

from decimal import Decimal
from typing import Any

from ecommerce.kernel.money import EXPONENTS, Money
from modules.payments.contracts import AmountNotChargeable

# ISO 4217 gives the forint and the Taiwan dollar two decimals, PayPal takes none.
WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
# BRL, CNY and MYR are for accounts of that country alone; PayPal refuses them itself elsewhere.
CURRENCIES = WITHOUT_DECIMALS | {
    *("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS", "MXN", "MYR"),
    *("NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "USD"),
}


def to_paypal(money: Money) -> dict[str, str]:
    """The amount as PayPal takes it; raises AmountNotChargeable for one that it does not."""
    if money.currency not in CURRENCIES:
        raise AmountNotChargeable("PayPal does not take this currency.", amount=money.amount, currency=money.currency)
    amount = money.amount
    if money.currency in WITHOUT_DECIMALS:
        whole, _, decimals = amount.partition(".")
        if decimals.strip("0"):
            raise AmountNotChargeable("PayPal takes whole amounts here.", amount=amount, currency=money.currency)
        amount = whole
    return {"currency_code": money.currency, "value": amount}


def from_paypal(amount: dict[str, Any]) -> Money:
    """The amount that PayPal names; ValueError where it is less than a minor unit, or of no currency."""
    currency = str(amount["currency_code"])
    if currency not in EXPONENTS:
        raise ValueError(f"PayPal names the currency {currency!r}")
    minor = Decimal(str(amount["value"])).scaleb(EXPONENTS[currency])
    if minor != minor.to_integral_value():
        raise ValueError(f"PayPal names {amount['value']!r} in {currency}")
    return Money(minor=int(minor), currency=currency)
