"""Failures by command: what a caller sees when PayPal, or the way to it, breaks down.

Rate limits follow reference/guidelines/rate-limiting (429 RATE_LIMIT_REACHED), errors api/rest/responses (500
INTERNAL_SERVER_ERROR); a connection may break before the request took effect, or after.
"""

import threading
from dataclasses import dataclass

from tests.fakes.paypal.http import Problem

DROPS = ("drop_before", "drop_after")
HANGS = ("hang_before", "hang_after")
ERRORS = ("429", "500", "500_after")


class Broken(Exception):
    """The connection ends without an answer."""


@dataclass
class Failure:
    how: str
    path: str
    times: int


class Failures:
    """The next calls whose path contains `path` fail in one of the ways above; `hang_…` until the fake is closed."""

    def __init__(self) -> None:
        self._planned: list[Failure] = []
        self._closing = threading.Event()

    def add(self, how: str, path: str = "", times: int = 1) -> None:
        assert how in DROPS + HANGS + ERRORS, how
        self._planned.append(Failure(how, path, times))

    def take(self, path: str) -> str:
        """How this call is to fail; empty: it does not."""
        for failure in self._planned:
            if failure.times > 0 and failure.path in path:
                failure.times -= 1
                return failure.how
        return ""

    def before(self, how: str) -> None:
        """Fail before anything has happened."""
        if how == "429":
            raise Problem(429, "RATE_LIMIT_REACHED")
        if how == "500":
            raise Problem(500, "INTERNAL_SERVER_ERROR")
        if how in ("drop_before", "hang_before"):
            self._break(how)

    def after(self, how: str) -> None:
        """Fail after it has happened."""
        if how == "500_after":
            raise Problem(500, "INTERNAL_SERVER_ERROR")
        if how in ("drop_after", "hang_after"):
            self._break(how)

    def close(self) -> None:
        self._closing.set()

    def _break(self, how: str) -> None:
        if how in HANGS:
            self._closing.wait(30)
        raise Broken
