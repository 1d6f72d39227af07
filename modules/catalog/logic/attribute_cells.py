"""Attributes in a spreadsheet: typed by their definition; by their look where there is none.

`true` and `false`, numbers, several values with | between them, anything else as text. What would be read as something
else than it is (the text "42", a text with a |) is written as JSON, and JSON in quotes or brackets is read as such.
"""

import re
from typing import Any

from modules.catalog.logic.cells import BETWEEN, read_json, write_json
from modules.catalog.models import Attribute

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,15})?([eE][-+]?[0-9]{1,2})?", re.ASCII)
_TRUTH = {"true": True, "false": False}


def read_attribute(definition: Attribute | None, text: str) -> Any:
    """The value that a cell stands for; whether the attribute takes it is judged where it is kept."""
    return _read(definition.kind if definition else None, text)


def write_attribute(value: Any) -> str:
    """A value so that it is read as what it is, also where its attribute is not defined yet."""
    plain = _plain(value)
    return plain if plain and _same(_read(None, plain), value) else write_json(value)


def _read(kind: str | None, text: str) -> Any:
    if text[0] in '"[{' and (value := read_json(text)) is not text:
        return value
    parts = [_read_one(kind, part) for part in text.split(BETWEEN)]
    return parts if len(parts) > 1 else parts[0]


def _read_one(kind: str | None, text: str) -> Any:
    if kind in _WORDS:
        return text
    if text in _TRUTH:
        return _TRUTH[text]
    if match := _NUMBER.fullmatch(text):
        return float(text) if match[2] or match[3] else int(text)
    return text


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return BETWEEN.join(_plain(one) for one in value) if len(value) > 1 else ""
    if isinstance(value, str):
        return value
    return write_json(value)


def _same(one: Any, other: Any) -> bool:
    # True is 1 in Python, and 1 is 1.0.
    return write_json(one) == write_json(other)


_WORDS = (Attribute.Kind.TEXT, Attribute.Kind.CHOICE, Attribute.Kind.COLOUR)
