"""What products are described by: the values that staff may give under an attribute's code."""

import math
import re
from typing import Any, NoReturn

from modules.catalog.logic.complaints import complaint

MOST_ATTRIBUTES = 100
LONGEST_CODE = 60
LONGEST_TEXT = 5000
MOST_VALUES = 100
# Beyond it a JSON number is not read alike by every program.
LARGEST_NUMBER = 2**53

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)


def check(values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are kept: texts, numbers, booleans and lists of texts under plain codes; refuses (400)
    anything else on `attributes.<code>`."""
    if len(values) > MOST_ATTRIBUTES:
        raise complaint("attributes", "max_length", f"At most {MOST_ATTRIBUTES} attributes.")
    for code, value in values.items():
        _check_code(code)
        _check_value(code, value)
    return values


def _check_code(code: str) -> None:
    if len(code) > LONGEST_CODE or not _CODE.fullmatch(code):
        _refuse(code, "invalid_code", "A code is made of lower-case letters, digits, hyphens and underscores.")


def _check_value(code: str, value: Any) -> None:
    if isinstance(value, str):
        _check_text(code, value)
    elif isinstance(value, list):
        if len(value) > MOST_VALUES:
            _refuse(code, "max_length", f"At most {MOST_VALUES} values.")
        for one in value:
            _check_text(code, one)
    elif not isinstance(value, bool):
        _check_number(code, value)


def _check_text(code: str, value: Any) -> None:
    if not isinstance(value, str):
        _refuse(code, "invalid", "A list holds texts only.")
    if not 0 < len(value) <= LONGEST_TEXT:
        _refuse(code, "max_length", f"A text has 1 to {LONGEST_TEXT} characters.")


def _check_number(code: str, value: Any) -> None:
    if not isinstance(value, int | float):
        _refuse(code, "invalid", "Give a text, a number, true or false, or a list of texts.")
    if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
        _refuse(code, "out_of_range", f"A number is within {LARGEST_NUMBER} either way.")


def _refuse(code: str, reason: str, detail: str) -> NoReturn:
    raise complaint(f"attributes.{code}", reason, detail)
