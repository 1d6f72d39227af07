"""SIGINT, SIGTERM and SIGHUP: one of them ends a run in good order."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """Somebody asked us to end. Not an Exception: no `except Exception` on the way may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


def raise_stop() -> None:
    """From now on the first signal raises Stop, so that `finally` blocks clean up; later ones do not disturb them."""
    _on_ending_signals(_stop_once)


def _stop_once(number: int, _frame: FrameType | None) -> None:
    _on_ending_signals(_ignore)
    raise Stop(number)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """A function and not SIG_IGN, which children would inherit."""


@contextmanager
def forwarded_to(send: Callable[[signal.Signals], None]) -> Iterator[None]:
    """In this block the signals go to a command in the foreground instead of ending us."""

    def forward(number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGINT or not in_foreground():
            send(signal.Signals(number))

    _on_ending_signals(forward)
    try:
        yield
    finally:
        raise_stop()


def in_foreground() -> bool:
    """Whether a terminal's Ctrl-C reaches our whole process group, so that a command in it has heard it already."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):  # no terminal, or no standard input at all
        return False


def _on_ending_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in ENDING:
        signal.signal(number, handler)
