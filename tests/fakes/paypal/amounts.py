"""Amounts as PayPal takes and writes them. Follows docs/api/reference/currency-codes."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from tests.fakes.paypal.http import Json, malformed, unprocessable

# Those marked with "does not support decimals".
WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
CURRENCIES = WITHOUT_DECIMALS | {
    *("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS", "MXN", "MYR"),
    *("NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "USD"),
}


def read(amount: object) -> tuple[Decimal, str]:
    """The value and the currency, refused as api/errors/overview says: CURRENCY_NOT_SUPPORTED, DECIMAL_PRECISION …"""
    if not isinstance(amount, dict) or not {"value", "currency_code"} <= amount.keys():
        raise malformed("MISSING_REQUIRED_PARAMETER")
    currency = str(amount["currency_code"])
    if currency not in CURRENCIES:
        raise unprocessable("CURRENCY_NOT_SUPPORTED")
    try:
        value = Decimal(str(amount["value"]))
    except InvalidOperation:
        raise malformed("INVALID_PARAMETER_SYNTAX") from None
    _check(value, currency)
    return value, currency


def _check(value: Decimal, currency: str) -> None:
    decimals = -int(value.as_tuple().exponent)
    if currency in WITHOUT_DECIMALS and decimals > 0:
        raise unprocessable("DECIMALS_NOT_SUPPORTED")
    if decimals > 2:
        raise unprocessable("DECIMAL_PRECISION")
    if value <= 0:
        raise unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE")


def write(value: Decimal, currency: str) -> Json:
    """An amount in PayPal's form, with the currency's decimals."""
    unit = Decimal(1) if currency in WITHOUT_DECIMALS else Decimal("0.01")
    return {"currency_code": currency, "value": str(value.quantize(unit, ROUND_HALF_UP))}


def value_of(amount: Json) -> Decimal:
    return Decimal(amount["value"])
