"""Request bodies: JSON as RFC 8259 has it, and nothing that a database or another module would choke on."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

MAX_NESTING = 64
MAX_INTEGER = 2**63 - 1
MAX_DIGITS = 20


class StrictJSONParser(BaseParser):
    """JSON in UTF-8; 400 `invalid_json` that says why, 415 for a compressed body."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {}).get("request")
        encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity") if request else "identity"
        if encoding not in ("", "identity"):
            raise UnsupportedMediaType(media_type or "", detail="Compressed bodies are not read.")
        return parse(stream.read())


def parse(body: bytes) -> Any:
    """The value of a JSON document; ParseError for anything that is not one, or that asks for trouble."""
    try:
        value = json.loads(
            body.decode(), object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
        )
    except UnicodeDecodeError:
        _refuse("The body is not UTF-8.")
    except RecursionError:
        _refuse(f"The body is nested deeper than {MAX_NESTING}.")
    except json.JSONDecodeError as error:
        _refuse(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.")
    # The walk costs more than the parsing, and nearly no body needs it: strings hold neither NUL nor a lone surrogate
    # unless they are written as escapes, and depth needs brackets.
    if b"\\u" in body or body.count(b"[") + body.count(b"{") > MAX_NESTING:
        _check(value, depth=0)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        _refuse("An object names the same key twice.")
    return result


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS or not -MAX_INTEGER <= (value := int(text)) <= MAX_INTEGER:
        _refuse("An integer is out of range.")
    return value


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        _refuse("A number is out of range.")
    return value


def _constant(text: str) -> NoReturn:
    _refuse(f"{text} is not JSON.")


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict | list):
        if depth >= MAX_NESTING:
            _refuse(f"The body is nested deeper than {MAX_NESTING}.")
        for item in (*value, *value.values()) if isinstance(value, dict) else value:
            _check(item, depth + 1)


def _check_text(text: str) -> None:
    if "\0" in text:
        _refuse("A string holds a NUL character.")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        _refuse("A string holds half of a surrogate pair.")


def _refuse(reason: str) -> NoReturn:
    raise ParseError(reason, code="invalid_json")
