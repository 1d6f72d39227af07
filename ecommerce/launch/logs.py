"""The processes' logs, as they grow, on the screen."""

from collections.abc import Iterable
from pathlib import Path

from ecommerce.launch.process import Process
from ecommerce.launch.screen import console

COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "red")


class LogStream:
    """Follows each process's log from where it ends now. Processes write to files, so that they never wait for us."""

    def __init__(self, processes: Iterable[Process]) -> None:
        self._followed = [(process.name, process.log) for process in processes]
        self._read_up_to = {log: _size(log) for _name, log in self._followed}

    def show_new_lines(self) -> None:
        """Print what was written since the last time, each line under its process's name."""
        for number, (name, log) in enumerate(self._followed):
            for line in self._new_lines(log):
                console.print(f"{name:<8}│ ", style=COLOURS[number % len(COLOURS)], end="")
                console.print(line, markup=False, soft_wrap=True)

    def _new_lines(self, log: Path) -> list[str]:
        """Whole lines only: a half written one waits for its end."""
        if not log.exists():
            return []
        with log.open("rb") as file:
            file.seek(self._read_up_to[log])
            written, end, _unfinished = file.read().rpartition(b"\n")
        self._read_up_to[log] += len(written) + len(end)
        return written.decode(errors="replace").splitlines()


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0
