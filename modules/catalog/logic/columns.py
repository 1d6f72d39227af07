"""The columns of a file of products: how they are called, what may stand in a cell, and how it is written.

A product and a variant are flat here, a value by its column: {"title": "Shirt", "attr.material": "linen", "title.de":
"Hemd"} and {"sku": "S-M", "option.Size": "M", "price.EUR": "19.90"}. What is empty has no key.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

import msgspec

from ecommerce.kernel.money import EXPONENTS, MAX_MINOR, Money
from modules.catalog.logic.attribute_cells import read_attribute, write_attribute
from modules.catalog.logic.cells import BadCell, read_list, write_list
from modules.catalog.logic.product_slugs import reads_as_id
from modules.catalog.models import Attribute, Product

# Of an attribute's code, an option's name.
LONGEST_NAME = 60
MAX_WHOLE = 2**31 - 1
# Cells of these may be empty, and an empty one says that nothing is to stand there; elsewhere it says nothing.
REQUIRED = frozenset(("key", "slug", "title", "category", "status", "tax_class"))
KEPT = REQUIRED | {"sku", "weight_g", "position", "on_hand"}

_SLUG = re.compile(r"[-a-zA-Z0-9_]+", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_AMOUNT = re.compile(r"([0-9]{1,19})(?:\.([0-9]{1,9}))?", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,10}", re.ASCII)
_BARCODE = re.compile(r"[0-9]{8,14}", re.ASCII)
_instant = msgspec.json.Decoder(Annotated[datetime, msgspec.Meta(tz=True)])

Read = Callable[[str], Any]


class Column(NamedTuple):
    """A column: whose it is, how its cells are read and written, and the JSON type of its values."""

    name: str
    of_variant: bool
    read: Read
    write: Callable[[Any], str]
    takes: tuple[type, ...] = (str,)

    @property
    def clears(self) -> bool:
        """Whether an empty cell clears what was there."""
        return self.name not in KEPT


def find_column(name: str, attributes: Mapping[str, Attribute]) -> Column | None:
    """The column of that name; None where there is no such column."""
    family, _, of = name.partition(".")
    if not of:
        return _PLAIN.get(name)
    if not of.isprintable() or len(of) > LONGEST_NAME:
        return None
    if family == "attr":
        definition = attributes.get(of)
        return _product(name, lambda text: read_attribute(definition, text), write_attribute)
    if family == "option":
        return _variant(name, _text(100))
    if family in _OF_LANGUAGES and _LANGUAGE.fullmatch(of) and len(of) <= 10:
        return _product(name, _OF_LANGUAGES[family])
    return _price_column(name, family, of) if of in EXPONENTS else None


def _product(name: str, read: Read, write: Callable[[Any], str] = str, takes: tuple[type, ...] = (str,)) -> Column:
    return Column(name, of_variant=False, read=read, write=write, takes=takes)


def _variant(name: str, read: Read, write: Callable[[Any], str] = str, takes: tuple[type, ...] = (str,)) -> Column:
    return Column(name, of_variant=True, read=read, write=write, takes=takes)


def write_instant(instant: datetime) -> str:
    """RFC 3339, in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _price_column(name: str, family: str, currency: str) -> Column | None:
    if family in ("price", "sale"):
        return _variant(name, lambda text: _amount(text, currency))
    if family in ("sale_starts_at", "sale_ends_at"):
        return _variant(name, _read_instant, write_instant)
    return None


def _text(longest: int | None = None) -> Read:
    def read(text: str) -> str:
        if longest is not None and len(text) > longest:
            raise BadCell("max_length", f"At most {longest} characters.")
        return text

    return read


def _matching(pattern: re.Pattern[str], longest: int, words: str) -> Read:
    plain = _text(longest)

    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise BadCell("invalid", words)
        return str(plain(text))

    return read


def _one_of(values: list[str]) -> Read:
    def read(text: str) -> str:
        if text not in values:
            raise BadCell("invalid_choice", f"One of {', '.join(values)}.")
        return text

    return read


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text) or int(text) > MAX_WHOLE:
        raise BadCell("invalid", f"A whole number from 0 to {MAX_WHOLE}.")
    return int(text)


def _amount(text: str, currency: str) -> str:
    """Spreadsheets drop zeros at the end, so fewer decimals than the currency has will do."""
    match, exponent = _AMOUNT.fullmatch(text), EXPONENTS[currency]
    if not match or len((match[2] or "").rstrip("0")) > exponent:
        raise BadCell(
            "invalid_amount", f"An amount in {currency} with {exponent} decimals, such as {_example(exponent)}."
        )
    minor = int(match[1] + (match[2] or "")[:exponent].ljust(exponent, "0"))
    if minor > MAX_MINOR:
        raise BadCell("invalid_amount", "The amount is too large.")
    return Money(minor=minor, currency=currency).amount


def _example(exponent: int) -> str:
    return Money(minor=199 * 10**exponent // 10, currency="EUR").amount if exponent == EXPONENTS["EUR"] else "1990"


def _read_instant(text: str) -> datetime:
    try:
        instant: datetime = _instant.decode(msgspec.json.encode(text))
        return instant.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError, ValueError) as error:
        raise BadCell("invalid", "An RFC 3339 date and time with its zone: 2026-01-31T12:00:00Z.") from error


def _option_names(text: str) -> list[str]:
    names = read_list(text)
    if len({name.casefold() for name in names}) != len(names) or not all(names):
        raise BadCell("invalid", "The options' names, each once, with | between them.")
    return names


_LONGEST_SEO = 500
_plain_slug = _matching(_SLUG, 200, "Letters, digits, hyphens and underscores.")


def _slug(text: str) -> str:
    if reads_as_id(text):
        raise BadCell("invalid", "A slug does not look like an id.")
    return str(_plain_slug(text))


_PRODUCT: dict[str, Read] = {
    "key": _text(100),
    "slug": _slug,
    "title": _text(200),
    "description": _text(),
    "category": _text(120),
    "status": _one_of(Product.Status.values),
    "tax_class": _one_of(Product.TaxClass.values),
    "seo_title": _text(_LONGEST_SEO),
    "seo_description": _text(_LONGEST_SEO),
}
_OF_LANGUAGES = {name: _PRODUCT[name] for name in ("title", "description", "seo_title", "seo_description")}
_PLAIN: dict[str, Column] = {
    **{name: _product(name, read) for name, read in _PRODUCT.items()},
    "publish_at": _product("publish_at", _read_instant, write_instant),
    "options": _product("options", _option_names, write_list, (list,)),
    "sku": _variant("sku", _text(64)),
    "barcode": _variant("barcode", _matching(_BARCODE, 14, "8 to 14 digits.")),
    **{name: _variant(name, _whole, str, (int,)) for name in ("weight_g", "position", "on_hand")},
}
