"""What goes wrong on the way, by command. Stripe docs: "Advanced error handling", "Rate limits"."""

import re
import threading
from dataclasses import dataclass
from enum import Enum, auto


class Fault(Enum):
    """How the next matching request fails."""

    # Nobody answers: the effect took place, or it did not.
    TIMEOUT_AFTER = auto()
    TIMEOUT_BEFORE = auto()
    # The connection breaks, which is as uncertain as a time-out and quicker to test.
    DROPPED_AFTER = auto()
    DROPPED_BEFORE = auto()
    # 429 comes before execution, so no key remembers it.
    RATE_LIMITED = auto()
    # 500: execution had begun, so the key remembers it; the effect took place, or it did not.
    SERVER_ERROR = auto()
    SERVER_ERROR_AFTER = auto()
    # It is answered, and nobody is at the door any more from then on: see StripeServer.come_back.
    LAST_WORDS = auto()
    # 503 from the edge: nothing had begun.
    UNAVAILABLE = auto()


BEFORE = frozenset({Fault.TIMEOUT_BEFORE, Fault.DROPPED_BEFORE, Fault.RATE_LIMITED, Fault.UNAVAILABLE})


@dataclass
class Planned:
    method: str
    pattern: re.Pattern[str]
    fault: Fault
    times: int


class Faults:
    """The faults that are planned, each for so many requests."""

    def __init__(self) -> None:
        self._planned: list[Planned] = []
        self._lock = threading.Lock()
        # Set when the server ends, so that nobody waits for a time-out any more.
        self.over = threading.Event()

    def plan(self, method: str, path: str, fault: Fault, times: int = 1) -> None:
        """`path` may hold `*` for an id."""
        pattern = re.compile(re.escape(path).replace(r"\*", "[^/]+"))
        with self._lock:
            self._planned.append(Planned(method, pattern, fault, times))

    def take(self, method: str, path: str) -> Fault | None:
        """The fault of this request, used up by it."""
        with self._lock:
            for planned in self._planned:
                if planned.times and planned.method == method and planned.pattern.fullmatch(path):
                    planned.times -= 1
                    return planned.fault
        return None

    def forget(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._planned.clear()
