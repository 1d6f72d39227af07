"""What is written into one cell of a spreadsheet, and read from it again."""

from collections.abc import Sequence
from typing import Any

import msgspec

BETWEEN = "|"


class BadCell(Exception):
    """What stands in a cell cannot be taken: a stable code, and words for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def check_text(text: str) -> None:
    """Refuse what no text column of a database takes."""
    if "\0" in text:
        raise BadCell("invalid", "A NUL character cannot be kept.")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadCell("not_utf8", "This is not UTF-8.")


def read_list(text: str) -> list[str]:
    """Texts with | between them, or a JSON list of texts."""
    if text.startswith("["):
        listed = read_json(text)
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            return listed
    return text.split(BETWEEN)


def write_list(texts: Sequence[str]) -> str:
    """What `read_list` reads as just these texts."""
    plain = BETWEEN.join(texts)
    return plain if texts and read_list(plain) == list(texts) else write_json(list(texts))


def read_json(text: str) -> Any:
    """The value of a JSON document, or the text itself where it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return text


def write_json(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
