"""Products from JSON lines: a product each, nested as the API has them.

{"key", "slug", "title", "description", "category", "status", "tax_class", "publish_at", "options": ["Size"],
 "attributes": {code: value}, "seo": {"title", "description"}, "translations": {"de": {"title", "description", "seo"}},
 "variants": [{"sku", "barcode", "weight_g", "position", "options": {"Size": "M"}, "on_hand",
               "prices": [{"amount", "currency", "sale_amount", "sale_starts_at", "sale_ends_at"}]}]}

Everything may be left out but what says which product is meant. What is null or empty is cleared, where it may be; a
price is taken as a whole, and one whose amount is null goes.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, BinaryIO

import msgspec

from modules.catalog.logic.cells import BadCell, check_text, write_json, write_list
from modules.catalog.logic.columns import Column, find_column
from modules.catalog.logic.import_csv import LONGEST_LINE, MARK
from modules.catalog.logic.import_entries import (
    MAX_VARIANTS,
    Attributes,
    Entry,
    Position,
    Problem,
    Row,
    printable,
    read_cell,
)

PLAIN = ("key", "slug", "title", "description", "category", "status", "tax_class", "publish_at", "options")
OF_VARIANT = ("sku", "barcode", "weight_g", "position", "on_hand")
OF_PRICE = {
    "amount": "price",
    "sale_amount": "sale",
    "sale_starts_at": "sale_starts_at",
    "sale_ends_at": "sale_ends_at",
}


class JsonlFile:
    """A file of products, one a line."""

    def __init__(self, file: BinaryIO, attributes: Attributes) -> None:
        self._file, self._attributes = file, attributes

    def entries(self, after: Position) -> Iterator[Entry]:
        """The products from there on."""
        self._file.seek(after.offset)
        column_of = lru_cache(maxsize=10_000)(lambda name: find_column(name, self._attributes))
        while line := self._file.readline(LONGEST_LINE):
            after = Position(after.offset + len(line), after.lines + 1)
            if line.strip():
                reading = _Reading(Entry(line=after.lines, end=after), column_of, self._attributes)
                reading.read(line.removeprefix(MARK) if after.lines == 1 else line)
                yield reading.entry


class _Reading:
    """One line on its way to an entry."""

    def __init__(self, entry: Entry, column_of: Any, attributes: Attributes) -> None:
        self.entry, self._column_of, self._attributes = entry, column_of, attributes

    def read(self, line: bytes) -> None:
        try:
            document = msgspec.json.decode(line)
        except (ValueError, RecursionError) as error:
            self._refuse("", "invalid_json", f"The line cannot be read: {error}.")
            return
        members = self._members("", document, {*PLAIN, "attributes", "seo", "translations", "variants"})
        for name in PLAIN:
            if name in members:
                self._take(self.entry.product, name, members[name], name)
        self._take_words("", members)
        for code, value in self._members("attributes", members.get("attributes")).items():
            self._take(self.entry.product, f"attr.{code}", value, f"attributes.{code}")
        for language, words in self._members("translations", members.get("translations")).items():
            self._take_translation(language, words)
        self._take_variants(members.get("variants"))

    def _take_translation(self, language: str, words: Any) -> None:
        members = self._members(f"translations.{language}", words, {"title", "description", "seo"})
        for name in ("title", "description"):
            if name in members:
                path = f"translations.{language}.{name}"
                self._take(self.entry.product, f"{name}.{language}", members[name], path)
        self._take_words(f".{language}", members)

    def _take_words(self, of: str, members: dict[str, Any]) -> None:
        path = f"translations{of}.seo" if of else "seo"
        for name, text in self._members(path, members.get("seo"), {"title", "description"}).items():
            self._take(self.entry.product, f"seo_{name}{of}", text, f"{path}.{name}")

    def _take_variants(self, variants: Any) -> None:
        if not isinstance(variants, list | None) or len(variants or ()) > MAX_VARIANTS:
            self._refuse("variants", "invalid", f"A list of at most {MAX_VARIANTS} variants.")
            return
        for number, variant in enumerate(variants or ()):
            self._take_variant(f"variants.{number}", variant)

    def _take_variant(self, path: str, variant: Any) -> None:
        members = self._members(path, variant, {*OF_VARIANT, "options", "prices"})
        values: dict[str, Any] = {}
        for name in OF_VARIANT:
            if name in members:
                self._take(values, name, members[name], f"{path}.{name}")
        for name, value in self._members(f"{path}.options", members.get("options")).items():
            self._take(values, f"option.{name}", value, f"{path}.options.{name}")
        if not members.get("sku"):
            self._refuse(f"{path}.sku", "required", "A variant needs its SKU.")
        prices = members.get("prices")
        if not isinstance(prices, list | None):
            self._refuse(f"{path}.prices", "invalid", "A list of prices.")
            return
        for number, price in enumerate(prices or ()):
            self._take_price(values, f"{path}.prices.{number}", price)
        self.entry.variants.append(Row(self.entry.line, values))

    def _take_price(self, values: dict[str, Any], path: str, price: Any) -> None:
        members = self._members(path, price, {"currency", *OF_PRICE})
        currency = members.get("currency")
        if not isinstance(currency, str) or self._column_of(f"price.{currency}") is None:
            self._refuse(f"{path}.currency", "invalid_choice", "An active ISO 4217 currency.")
            return
        for name, family in OF_PRICE.items():
            self._take(values, f"{family}.{currency}", members.get(name), f"{path}.{name}")

    def _take(self, values: dict[str, Any], name: str, value: Any, path: str) -> None:
        column: Column | None = self._column_of(name)
        if column is None:
            self._refuse(path, "unknown_field", "There is no such field.")
        elif value in (None, "", []):
            if column.clears:
                values[name] = None
        else:
            try:
                values[name] = self._value(column, value)
            except BadCell as bad:
                self._refuse(path, bad.code, bad.detail)

    def _value(self, column: Column, value: Any) -> Any:
        if column.name.startswith("attr."):
            check_text(write_json(value).replace("\\u0000", "\0"))
            return value
        if not isinstance(value, column.takes) or isinstance(value, bool):
            raise BadCell("invalid", f"A JSON {_TYPES[column.takes[0]]}.")
        if isinstance(value, list):
            if not all(isinstance(one, str) for one in value):
                raise BadCell("invalid", "A list of texts.")
            return read_cell(column, write_list(value))
        return read_cell(column, str(value))

    def _members(self, path: str, value: Any, known: set[str] | None = None) -> dict[str, Any]:
        if value is None and path:
            return {}
        if not isinstance(value, dict):
            self._refuse(path, "invalid", "A JSON object.")
            return {}
        for name in value.keys() - (known if known is not None else value.keys()):
            self._refuse(f"{path}.{name}".lstrip("."), "unknown_field", "There is no such field.")
        return value

    def _refuse(self, path: str, code: str, detail: str) -> None:
        self.entry.problems.append(Problem(self.entry.line, printable(path), code, detail))


_TYPES = {str: "string", int: "integer", list: "array"}
