"""A process that is killed at a point: forked from the test's own, so that it need not start first."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from functools import wraps
from pkgutil import resolve_name
from typing import Any, NamedTuple, NoReturn
from unittest.mock import patch

from django.db import connections

SECONDS_TO_LIVE = 60


class Point(NamedTuple):
    """Where it dies: before or after (`when`) the first call of that function."""

    when: str
    function: str

    def __str__(self) -> str:
        return f"{self.when} {self.function.removeprefix('modules.')}"


def around(*functions: str) -> list[Point]:
    """Before and after each of them."""
    return [Point(when, function) for function in functions for when in ("before", "after")]


def die_doing(
    act: Callable[[], Any], point: Point, meanwhile: Iterable[Callable[[], AbstractContextManager[Any]]] = ()
) -> None:
    """Do it in a process that is killed at that point, `meanwhile` what else happens to it; fails where it lives on."""
    # Two processes on one connection would talk into each other's sentences.
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL has it
    child = os.fork()
    if child == 0:
        _live(act, point, meanwhile)
    _, status = os.waitpid(child, 0)
    ended = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    assert ended == -signal.SIGKILL, f"it ended with {ended}, and did not come to {point}"


def instead_of(function: str, new: Callable[..., Any]) -> AbstractContextManager[Any]:
    """Within the block that function is `new`, which is given the original as its first argument."""
    owner, name = function.rsplit(".", 1)
    original = getattr(resolve_name(owner), name)

    @wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        return new(original, *args, **kwargs)

    return patch.object(resolve_name(owner), name, call)


def _live(
    act: Callable[[], Any], point: Point, meanwhile: Iterable[Callable[[], AbstractContextManager[Any]]]
) -> NoReturn:
    """The forked process's life; whatever happens, it never returns into the test that it was forked from."""
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS_TO_LIVE)
        with ExitStack() as stack:
            for happens in meanwhile:
                stack.enter_context(happens())
            stack.enter_context(instead_of(point.function, _dying(point.when)))
            act()
    except BaseException:
        traceback.print_exc(file=sys.stderr)
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _dying(when: str) -> Callable[..., Any]:
    def die(original: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """No exception, no `finally`, no rollback: as a machine that is switched off."""
        if when == "after":
            original(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return die
