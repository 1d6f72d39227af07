"""What staff write as lines of text: prices, attributes, options. A line is read back as it was written."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils import timezone

from ecommerce.kernel import clock
from ecommerce.kernel.money import Money
from modules.catalog.logic.prices import NewPrice
from modules.catalog.models import Attribute, Price

PRICES_HELP = "A line each: 19.90 EUR, or 19.90 EUR sale 14.90 from 2026-11-27 until 2026-12-01 18:00 (UTC)."
ATTRIBUTES_HELP = "A line each: material = linen; several values: care = cold | dark; yes or no: washable = yes."
OPTIONS_HELP = "Size = M, a line each."
BOOLEANS = {"yes": True, "no": False, "true": True, "false": False}

_PRICE = re.compile(
    r"(?P<amount>\S+)\s+(?P<currency>[A-Za-z]{3})"
    r"(?:,?\s+sale\s+(?P<sale>\S+)(?:\s+from\s+(?P<starts>.+?))?(?:\s+until\s+(?P<ends>.+?))?)?"
)
Read = TypeVar("Read")


def read_prices(text: str) -> dict[str, NewPrice]:
    """Prices by their currencies; refuses (ValidationError) a line that is none, and a currency that comes twice."""
    prices = [_at(line, _price) for line in _lines(text)]
    found = {price.regular.currency: price for price in prices}
    if len(found) < len(prices):
        raise ValidationError("Each currency once.")
    return found


def write_prices(prices: Iterable[Price]) -> str:
    """The prices as they are in force or will be; a sale that is over is history."""
    return "\n".join(_written(price) for price in sorted(prices, key=lambda price: price.currency))


def read_attributes(text: str, kinds: Mapping[str, str]) -> dict[str, Any]:
    """Values by code, as the attributes' kinds want them; what is of no kind yet is a text."""
    return {code: _value(kinds.get(code, ""), value) for code, value in _pairs(text)}


def write_attributes(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{code} = {_word(value)}" for code, value in values.items())


def read_options(text: str) -> dict[str, str]:
    """A variant's values by the options' names."""
    return dict(_pairs(text))


def write_options(options: Mapping[str, str]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in options.items())


def read_names(text: str) -> list[str]:
    """What a product's variants differ in: Size, Colour."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _at(line: str, read: Callable[[str], Read]) -> Read:
    try:
        return read(line)
    except ValueError as error:
        raise ValidationError(f"{line}: {error}.") from error


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = [_at(line, _pair) for line in _lines(text)]
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValidationError("Each name once.")
    return pairs


def _pair(line: str) -> tuple[str, str]:
    name, sign, value = (part.strip() for part in line.partition("="))
    if not (name and sign and value):
        raise ValueError("write a name, = and a value")
    return name, value


def _value(kind: str, text: str) -> Any:
    if kind == Attribute.Kind.BOOLEAN:
        # What is neither is for logic to refuse, in its words.
        return BOOLEANS.get(text.lower(), text)
    if kind == Attribute.Kind.NUMBER:
        try:
            return float(text)
        except ValueError:
            return text
    values = [part.strip() for part in text.split("|") if part.strip()]
    return values if len(values) > 1 else text


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " | ".join(value) if isinstance(value, list) else str(value)


def _price(line: str) -> NewPrice:
    if (match := _PRICE.fullmatch(line)) is None:
        raise ValueError("this is no price")
    currency = match["currency"].upper()
    price = NewPrice(
        regular=_money(match["amount"], currency),
        sale=_money(match["sale"], currency) if match["sale"] else None,
        sale_starts_at=_instant(match["starts"]),
        sale_ends_at=_instant(match["ends"]),
    )
    if price.sale is not None and not price.sale < price.regular:
        raise ValueError("a sale price is lower than the regular one")
    if price.sale_starts_at and price.sale_ends_at and price.sale_starts_at >= price.sale_ends_at:
        raise ValueError("a sale ends after it has begun")
    return price


def _money(amount: str, currency: str) -> Money:
    money = Money.parse(amount, currency)
    if money.minor < 0:
        raise ValueError("a price is not negative")
    return money


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    instant = datetime.fromisoformat(text) if len(text) > len("2026-11-27") else _midnight(text)
    return instant if timezone.is_aware(instant) else timezone.make_aware(instant)


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time.min)


def _written(price: Price) -> str:
    regular = str(Money(minor=price.regular_minor, currency=price.currency))
    if price.sale_minor is None or (price.sale_ends_at and price.sale_ends_at <= clock.now()):
        return regular
    sale = Money(minor=price.sale_minor, currency=price.currency).amount
    starts = f" from {_moment(price.sale_starts_at)}" if price.sale_starts_at else ""
    ends = f" until {_moment(price.sale_ends_at)}" if price.sale_ends_at else ""
    return f"{regular} sale {sale}{starts}{ends}"


def _moment(instant: datetime) -> str:
    """As it is read back, to the very instant."""
    local = timezone.localtime(instant).replace(tzinfo=None)
    return local.isoformat(sep=" ", timespec="auto" if instant.second or instant.microsecond else "minutes")
