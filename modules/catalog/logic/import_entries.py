"""What a file says about one product, whichever its format; and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from modules.catalog.logic.cells import check_text
from modules.catalog.logic.columns import Column, write_instant
from modules.catalog.logic.product_variants import MOST_VARIANTS
from modules.catalog.models import Attribute

# A batch must fit into memory.
MAX_VARIANTS = MOST_VARIANTS

Attributes = Mapping[str, Attribute]


class Position(NamedTuple):
    """So many bytes and lines of the file are behind it."""

    offset: int = 0
    lines: int = 0


class Problem(NamedTuple):
    """What is wrong, and where."""

    line: int
    column: str
    code: str
    detail: str


class UnusableFile(Exception):
    """Nothing of this file can be taken: the problems say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0].detail)
        self.problems = list(problems)


class Row(NamedTuple):
    """One variant: only what the file says of it; None where it says that nothing is to stand there."""

    line: int
    values: dict[str, Any]


@dataclass
class Entry:
    """One product: only what the file says of it; None where it says that nothing is to stand there."""

    line: int
    product: dict[str, Any] = field(default_factory=dict)
    variants: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    # How many rows of the file it is.
    rows: int = 1
    # Where the next one begins.
    end: Position = field(default_factory=Position)

    @property
    def name(self) -> str:
        """What people know it by."""
        sku = self.variants[0].values.get("sku", "") if self.variants else ""
        return str(self.product.get("key") or self.product.get("slug") or sku)


def read_cell(column: Column, text: str) -> Any:
    """The value of a cell that is not empty; refuses what cannot stand in it (BadCell)."""
    check_text(text)
    return column.read(text)


def printable(name: str) -> str:
    """A name out of a file as it can be kept and answered, whatever stood there."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def written(value: Any) -> Any:
    """A value as JSON answers it."""
    return write_instant(value) if hasattr(value, "isoformat") else value
