"""How operators' commands answer: tables and progress bars in a terminal, plain lines elsewhere, JSON where asked for.

The answer goes to standard output, progress and remarks to standard error, so that the answer can be piped.
"""

import csv
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

# Wide enough that no line of a file or pipe is wrapped or cut.
PLAIN_WIDTH = 400
PLAIN_SECONDS = 2.0


def add_format(parser: ArgumentParser) -> None:
    """Add `--format table|json`."""
    parser.add_argument("--format", choices=("table", "json"), default="table", help="how to answer (default: table)")


def instant(text: str) -> datetime:
    """An argument that is a day or an instant as in ISO 8601, of UTC where it names no zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is neither a day nor an instant (2026-11-01)") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def show_table(out: Any, title: str, rows: Sequence[Mapping[str, object]], *, empty: str) -> None:
    """Write rows with the keys of the first one as columns, or `empty` where there are none."""
    console = _console(out)
    if not rows:
        console.print(Text(empty))
        return
    table = Table(*rows[0], title=title, title_justify="left", box=SIMPLE if console.is_terminal else None)
    for row in rows:
        table.add_row(*(Text(_plain(value), style=_STYLES.get(str(value), "")) for value in row.values()))
    console.print(table)


def show_json(out: Any, value: object) -> None:
    """Write one JSON document."""
    out.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=str)).decode() + "\n")


def show_csv(out: Any, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows as CSV (RFC 4180), with a header."""
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def show_line(out: Any, line: str) -> None:
    """Write one line, as it is."""
    _console(out).print(Text(line), soft_wrap=True)


class Bars:
    """A progress bar for each name: `with Bars() as bars: bars.advance("catalog", "products", 5, 500)`."""

    def __init__(self, errors: TextIO | None = None) -> None:
        self._console = Console(file=errors, stderr=errors is None, highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console) if self._console.is_terminal else None
        self._tasks: dict[str, TaskID] = {}
        self._said: dict[str, float] = {}

    def __enter__(self) -> "Bars":
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._progress:
            self._progress.stop()

    def advance(self, name: str, what: str, done: int, of: int) -> None:
        """So much of `what` is done."""
        if self._progress is None:
            self._say(name, what, done, of)
            return
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name)
        self._progress.update(self._tasks[name], description=f"{name}: {what}", completed=done, total=of)

    def _say(self, name: str, what: str, done: int, of: int) -> None:
        now = time.monotonic()
        if done >= of or now - self._said.get(name, float("-inf")) > PLAIN_SECONDS:
            self._said[name] = now
            self._console.print(f"{name}: {what} {done}/{of}", markup=False)


_STYLES = {"ok": "green", "broken": "red", "failed": "red"}


def _console(out: Any) -> Console:
    terminal = bool(getattr(out, "isatty", lambda: False)())
    return Console(file=out, highlight=False, width=None if terminal else PLAIN_WIDTH)


def _plain(value: object) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
