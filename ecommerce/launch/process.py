"""One child process: logged to a file, in a process group of its own, never outliving us.

In a group of its own, so that Ctrl-C in a terminal reaches only the supervisor, which then ends its children in order,
and so that what a child leaves behind can be ended with it. Start children from the main thread only: the "parent" that
the kernel watches for PDEATHSIG is the thread.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

CHILD = str(Path(__file__).with_name("child.py"))


class ProcessFailed(Exception):
    """A process did not do what it was started for."""

    def __init__(self, what: str, log: Path) -> None:
        super().__init__(f"{what}; the end of {log}:\n\n{tail(log)}\n")


@dataclass(frozen=True)
class Owner:
    """The user a process runs as."""

    uid: int = field(default_factory=os.getuid)
    gid: int = field(default_factory=os.getgid)


@dataclass
class Process:
    """A command and, once started, the process that runs it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    directory: Path
    owner: Owner = field(default_factory=Owner)
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    input: bytes = b""
    open_files: Sequence[int] = ()
    _running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; its output goes to the end of the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(  # noqa: S603  (our own commands)
                bound_to_us(self.command, self.death_signal, self.owner),
                stdin=subprocess.PIPE if self.input else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                cwd=self.directory,
                pass_fds=self.open_files,
                process_group=0,
            )
        if self._running.stdin:
            self._running.stdin.write(self.input)
            self._running.stdin.close()

    @property
    def pid(self) -> int | None:
        """Its process id once started."""
        return self._running.pid if self._running else None

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._running is not None and self._running.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, minus the signal's number where a signal ended it; None while it runs."""
        return self._running.poll() if self._running else None

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        code = self.exit_code or 0
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._running:
            self._running.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """Whether it ended within that time."""
        if self._running:
            with suppress(subprocess.TimeoutExpired):
                self._running.wait(max(0.0, seconds))
        return not self.is_alive()

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self._running:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()


def stop(processes: Iterable[Process], *, patience: float) -> None:
    """Ask all of them to end, wait, then end those that did not."""
    processes = list(processes)
    for process in processes:
        process.signal(process.stop_signal)
    deadline = time.monotonic() + patience
    for process in processes:
        process.wait(deadline - time.monotonic())
        process.kill()


def bound_to_us(command: Sequence[str], death_signal: signal.Signals, owner: Owner | None = None) -> list[str]:
    """The command line that runs this command and dies with us."""
    owner = owner or Owner()
    bonds = [str(number) for number in (os.getpid(), int(death_signal), owner.uid, owner.gid)]
    return [sys.executable, "-I", "-S", CHILD, *bonds, *command]


def tail(log: Path, lines: int = 50) -> str:
    """The last lines of a log."""
    with suppress(FileNotFoundError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""


def end_leftovers(directory: Path) -> None:
    """Wait for what a killed run left working in this directory, and end it where it does not end by itself.

    PostgreSQL and Redis work in their data directory, and a new server must not start beside a dying one.
    """
    deadline = time.monotonic() + 5
    while leftovers := processes_in(directory):
        if time.monotonic() > deadline:
            for pid in leftovers:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def processes_in(directory: Path) -> list[int]:
    """The processes whose working directory this is (on Linux; elsewhere nobody can tell so simply)."""
    target = str(directory.resolve())
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if str(entry.readlink()) == target:
                found.append(int(entry.parent.name))
    return found
