"""Products from CSV (RFC 4180, UTF-8 with or without a mark): a row for each variant, the rows of one key together."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from modules.catalog.logic.cells import BadCell
from modules.catalog.logic.columns import Column, find_column
from modules.catalog.logic.import_entries import (
    MAX_VARIANTS,
    Attributes,
    Entry,
    Position,
    Problem,
    Row,
    UnusableFile,
    printable,
    read_cell,
)

LONGEST_CELL = 1024 * 1024
# A row is read line by line, and a line never whole if it has no end.
LONGEST_LINE = 4 * LONGEST_CELL
MARK = b"\xef\xbb\xbf"
IDENTIFYING = ("key", "slug", "sku")

# For the whole process, since the library has no other: its own default is too short for long descriptions.
csv.field_size_limit(LONGEST_CELL)


class CsvFile:
    """A file whose header is understood; refuses one that is not (UnusableFile names every column)."""

    def __init__(self, file: BinaryIO, attributes: Attributes, delimiter: str = ",") -> None:
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise UnusableFile(Problem(1, "", "invalid_delimiter", "The delimiter is one character, and no quote."))
        self._file, self._delimiter = file, delimiter
        lines = _Lines(file, Position())
        header = self._read_header(lines)
        self._begin = lines.position
        columns = _columns(header, attributes)
        self._width = len(columns)
        self._of_product = [(i, column) for i, column in enumerate(columns) if not column.of_variant]
        self._of_variant = [(i, column) for i, column in enumerate(columns) if column.of_variant]
        places = {column.name: i for i, column in enumerate(columns)}
        self._key, self._slug, self._sku = (places.get(name) for name in IDENTIFYING)

    def entries(self, after: Position) -> Iterator[Entry]:
        """The products from there on, each when it is complete."""
        lines = _Lines(self._file, after if after.offset else self._begin)
        rows = csv.reader(lines, delimiter=self._delimiter, strict=True)
        entry: Entry | None = None
        name, first = "", list[str]()
        while True:
            start = lines.position
            try:
                cells = next(rows, None)
            except csv.Error as error:
                entry = _close(entry, start)
                yield from [entry] if entry else []
                yield _unreadable(start.lines + 1, error, lines.position)
                entry = None
                continue
            if cells is None:
                break
            if not cells:
                continue
            if entry and name and name == self._name(cells):
                self._go_on(entry, first, cells, start.lines + 1)
                continue
            if entry:
                yield _close(entry, start) or entry
            name, first = self._name(cells), cells
            entry = self._begin_entry(cells, start.lines + 1)
        if entry:
            yield _close(entry, lines.position) or entry

    def _read_header(self, lines: "_Lines") -> list[str]:
        try:
            header = next(csv.reader(lines, delimiter=self._delimiter, strict=True), [])
        except csv.Error as error:
            raise UnusableFile(Problem(1, "", "invalid_csv", f"The header cannot be read: {error}.")) from error
        if not any(header):
            raise UnusableFile(Problem(1, "", "no_header", "The first line names the columns."))
        return [name.strip() for name in header]

    def _name(self, cells: list[str]) -> str:
        """What tells one product's rows from the next one's; nothing where only SKUs do."""
        for place in (self._key, self._slug):
            if place is not None and place < len(cells) and cells[place]:
                return cells[place]
        return ""

    def _begin_entry(self, cells: list[str], line: int) -> Entry:
        entry = Entry(line=line)
        if self._fits(entry, cells, line):
            for i, column in self._of_product:
                _read_into(entry.product, entry, column, cells[i], line)
            self._add_variant(entry, cells, line)
        return entry

    def _go_on(self, entry: Entry, first: list[str], cells: list[str], line: int) -> None:
        entry.rows += 1
        if entry.rows == MAX_VARIANTS + 1:
            entry.problems.append(Problem(line, "", "too_many", f"A product has at most {MAX_VARIANTS} rows."))
        if entry.rows > MAX_VARIANTS or not self._fits(entry, cells, line):
            return
        for i, column in self._of_product:
            if cells[i] and cells[i] != (first[i] if i < len(first) else ""):
                words = "It says otherwise than the product's first row."
                entry.problems.append(Problem(line, column.name, "differs", words))
        self._add_variant(entry, cells, line)

    def _fits(self, entry: Entry, cells: list[str], line: int) -> bool:
        if len(cells) != self._width:
            words = f"It has {len(cells)} cells, the header {self._width}."
            entry.problems.append(Problem(line, "", "wrong_cells", words))
        return len(cells) == self._width

    def _add_variant(self, entry: Entry, cells: list[str], line: int) -> None:
        if self._sku is not None and cells[self._sku]:
            values: dict[str, object] = {}
            for i, column in self._of_variant:
                _read_into(values, entry, column, cells[i], line)
            entry.variants.append(Row(line, values))
        elif any(cells[i] for i, _ in self._of_variant):
            entry.problems.append(Problem(line, "sku", "required", "What is said of a variant needs its SKU."))


class _Lines:
    """The lines of a file from a position on, which is kept as they are read."""

    def __init__(self, file: BinaryIO, position: Position) -> None:
        self._file = file
        self.position = position
        file.seek(position.offset)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        is_first = self.position.offset == 0
        self.position = Position(self.position.offset + len(line), self.position.lines + 1)
        # What is not UTF-8 is a fault of its cell alone.
        return (line.removeprefix(MARK) if is_first else line).decode(errors="surrogateescape")


def _columns(names: list[str], attributes: Attributes) -> list[Column]:
    found = [find_column(name, attributes) for name in names]
    problems = [
        Problem(1, printable(name), "unknown_column", f"There is no column {printable(name)!r}.")
        for name, column in zip(names, found, strict=True)
        if column is None
    ]
    problems += [
        Problem(1, printable(name), "repeated_column", f"The column {printable(name)!r} comes more than once.")
        for name, times in Counter(names).items()
        if times > 1
    ]
    columns = [column for column in found if column]
    if not problems and not set(names) & set(IDENTIFYING):
        problems.append(Problem(1, "", "no_key", "One of the columns key, slug and sku says which product is meant."))
    if not problems and "sku" not in names and any(column.of_variant for column in columns):
        problems.append(Problem(1, "sku", "no_key", "Columns of variants need the column sku."))
    if problems:
        raise UnusableFile(*problems)
    return columns


def _read_into(values: dict[str, object], entry: Entry, column: Column, text: str, line: int) -> None:
    if not text:
        if column.clears:
            values[column.name] = None
        return
    try:
        values[column.name] = read_cell(column, text)
    except BadCell as bad:
        entry.problems.append(Problem(line, column.name, bad.code, bad.detail))


def _close(entry: Entry | None, end: Position) -> Entry | None:
    if entry:
        entry.end = end
    return entry


def _unreadable(line: int, error: csv.Error, end: Position) -> Entry:
    return Entry(line=line, problems=[Problem(line, "", "invalid_csv", f"The row cannot be read: {error}.")], end=end)
