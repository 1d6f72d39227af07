"""What a run says to its user: colours and a spinner in a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

console = Console(highlight=False, emoji=False)
# Beside a command's own output, which may be read by a program.
_remarks = Console(stderr=True, highlight=False, emoji=False)


def note(line: str) -> None:
    """A remark beside the output."""
    _remarks.print(line, style="dim", markup=False, soft_wrap=True)


def say(line: str, style: str = "") -> None:
    """A line of the output."""
    console.print(line, style=style, markup=False, soft_wrap=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show that something is going on, and how long it took."""
    started = time.monotonic()
    with console.status(what):
        yield
    say(f"  {what:<42} {time.monotonic() - started:5.1f} s")


def show(title: str, text: str, *, good: bool = True) -> None:
    """A titled block: framed in a terminal, indented elsewhere."""
    if console.is_terminal and text:
        border = "dim" if good else "red"
        console.print(Panel(Text(text), title=Text(title, style="bold"), title_align="left", border_style=border))
        return
    say("\n".join([f"\n  {title}", *(f"    {line}" for line in text.splitlines())]))
