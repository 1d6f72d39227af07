"""A shipping method's prices as staff type them: a line for each currency."""

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError

from ecommerce.kernel.money import EXPONENTS, Money
from modules.orders.logic.tariffs import PricedBy, Tariff, Tier

HELP = (
    "A line for each currency, with the price as listed: EUR 4.90. Tiers follow by commas, from so many grams or such "
    "a subtotal on: EUR 4.90, 2000 = 6.90, 10000 = 14.90. What is free from a subtotal on says so at the end: "
    "EUR 4.90, free from 50.00."
)
_FREE = re.compile(r"free\s+from\s+(\S+)", re.IGNORECASE)
_TIER = re.compile(r"(\S+)\s*=\s*(\S+)")


def read_prices(text: str, priced_by: str) -> dict[str, Tariff]:
    """The tariffs by currency; a ValidationError tells what is wrong with each line."""
    tariffs: dict[str, Tariff] = {}
    problems = []
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    for number, line in lines:
        try:
            currency, tariff = _line(line, priced_by)
        except ValueError as error:
            problems.append(f"Line {number}: {error}")
            continue
        if currency in tariffs:
            problems.append(f"Line {number}: {currency} is there already.")
        tariffs[currency] = tariff
    if problems:
        raise ValidationError(problems)
    return tariffs


def written_prices(tariffs: Iterable[tuple[str, Tariff]]) -> str:
    """The lines again."""
    return "\n".join(_written(currency, tariff) for currency, tariff in tariffs)


def _line(line: str, priced_by: str) -> tuple[str, Tariff]:
    first, *others = (part.strip() for part in line.split(","))
    currency, _, price = first.partition(" ")
    currency = currency.upper()
    if currency not in EXPONENTS:
        raise ValueError(f"{currency or 'nothing'} is no currency (ISO 4217); write EUR 4.90.")
    tariff = Tariff(priced_by=priced_by, price=_money(price.strip(), currency))
    for part in others:
        tariff = _with(tariff, part, currency)
    return currency, tariff


def _with(tariff: Tariff, part: str, currency: str) -> Tariff:
    """The tariff with one more tier, or with what makes it free."""
    if found := _FREE.fullmatch(part):
        return replace(tariff, free_from=_money(found[1], currency))
    if not (found := _TIER.fullmatch(part)):
        raise ValueError(f"{part!r} is neither a tier (2000 = 6.90) nor free from (free from 50.00).")
    tier = _tier(found[1], found[2], currency, tariff.priced_by)
    if tier.at_least in (other.at_least for other in tariff.tiers):
        raise ValueError(f"{found[1]} is there twice.")
    return replace(tariff, tiers=sorted([*tariff.tiers, tier], key=lambda one: one.at_least))


def _tier(from_: str, price: str, currency: str, priced_by: str) -> Tier:
    at_least = _money(from_, currency).minor if priced_by == PricedBy.SUBTOTAL else _grams(from_)
    if not at_least:
        raise ValueError("a tier begins above 0; the first price is what is asked below it.")
    return Tier(at_least=at_least, price=_money(price, currency))


def _grams(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(f"{text!r} is no weight in grams.")
    return int(text)


def _money(text: str, currency: str) -> Money:
    """An amount as a shopkeeper types it: 5 is 5.00."""
    places = EXPONENTS[currency]
    try:
        amount = Decimal(text)
        money = Money.parse(f"{amount:.{places}f}", currency)
    except (InvalidOperation, ValueError):
        money = None
    if money is None or money.minor < 0 or Decimal(money.amount) != amount:
        raise ValueError(f"{text!r} is no amount in {currency}.")
    return money


def _written(currency: str, tariff: Tariff) -> str:
    tiers = (f", {_from(tier, tariff.priced_by, currency)} = {tier.price.amount}" for tier in tariff.tiers)
    free = f", free from {tariff.free_from.amount}" if tariff.free_from is not None else ""
    return f"{currency} {tariff.price.amount}{''.join(tiers)}{free}"


def _from(tier: Tier, priced_by: str, currency: str) -> str:
    if priced_by == PricedBy.SUBTOTAL:
        return Money(minor=tier.at_least, currency=currency).amount
    return str(tier.at_least)
